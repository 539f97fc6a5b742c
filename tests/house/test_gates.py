"""The matrix: every route × method × who enters × {own, foreign, unknown}, against the one table below.

A new route fails here until it has its line in TABLE; a new kind of id needs an entry in `World.own` and `World.foreign`.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, current_app
from werkzeug.test import TestResponse

from consortium.accounts.models import JoinRequest, Membership, SignIn, Tenant
from consortium.agreements import service as agreements
from consortium.applications.models import Application, CandidateNote
from consortium.imports.models import Upload
from consortium.interviews.models import Interview
from consortium.matching.vocabulary import WEIGHTS
from consortium.organisations.models import CollegeMajor, ListedEnterprise
from consortium.positions.models import CapOverride, PositionTemplate
from consortium.proposals.models import Alert, Run, Scoring
from consortium.shared import clock, sealed
from consortium.shared.access import ABILITIES, Role, TenantKind
from consortium.shared.db import Base, db
from consortium.skills.models import SkillProposal
from consortium.students.models import Evidence
from consortium.web.gate import GATES, SAFE
from tests import builders
from tests.conftest import Browser, check_html

# ── the one table: who has which ability, and what each route asks for ────────────────────────────

STUDENT = {"student"}
COLLEGE = {"class_adviser", "college_officer", "college_head"}
COLLEGE_OFFICE = {"college_officer", "college_head"}
FIRM = {"enterprise_member", "enterprise_head", "mentor"}
FIRM_OFFICE = {"enterprise_member", "enterprise_head"}
ZONE = {"zone_officer", "zone_head"}
BUREAU = {"bureau_observer"}
HEADS = {"college_head", "enterprise_head", "zone_head"}
ALL = STUDENT | COLLEGE | FIRM | ZONE | BUREAU
PARTIES = STUDENT | COLLEGE | FIRM_OFFICE

WHO: dict[str, set[str]] = {
    "public": ALL, "signed-in": ALL,
    "accounts.own": ALL, "accounts.change-own": ALL, "accounts.read-colleagues": HEADS, "accounts.invite": HEADS, "accounts.suspend": HEADS,
    "accounts.change-role": HEADS, "accounts.hand-over": HEADS, "accounts.leave": ALL - STUDENT, "accounts.decide-join": HEADS,
    "messages.read": ALL, "messages.mark": ALL,
    "organisations.own-enterprise": FIRM, "organisations.edit-enterprise": FIRM_OFFICE,
    "organisations.list-enterprises": ZONE | COLLEGE, "organisations.read-enterprise": ZONE | COLLEGE | FIRM, "organisations.verify": ZONE,
    "organisations.record-visit": COLLEGE_OFFICE, "organisations.typeahead": ALL - BUREAU,
    "compliance.filings": FIRM_OFFICE | COLLEGE | ZONE, "compliance.filing-form": FIRM_OFFICE | COLLEGE_OFFICE, "compliance.file": FIRM_OFFICE | COLLEGE_OFFICE,
    "compliance.verify-filing": ZONE, "compliance.overrides": FIRM_OFFICE | COLLEGE | ZONE, "compliance.override-form": COLLEGE_OFFICE,
    "compliance.override": COLLEGE_OFFICE, "compliance.mentors": FIRM, "compliance.edit-mentors": FIRM_OFFICE, "compliance.law-tables": ZONE,
    "compliance.edit-law-tables": {"zone_head"},
    "organisations.answer-check": FIRM_OFFICE, "organisations.checks": ZONE, "organisations.decide-check": ZONE, "organisations.zone-list": ZONE,
    "organisations.edit-zone-list": ZONE, "organisations.intents": ZONE, "organisations.ask-intents": ZONE, "organisations.own-intent": FIRM_OFFICE,
    "organisations.answer-intent": FIRM_OFFICE, "organisations.read-lists": ZONE | COLLEGE | FIRM, "organisations.write-list-form": FIRM_OFFICE,
    "organisations.write-list": FIRM_OFFICE, "organisations.export-lists": ZONE,
    "skills.search": ALL, "skills.proposals": STUDENT | COLLEGE_OFFICE | FIRM_OFFICE | ZONE, "skills.propose": STUDENT | COLLEGE_OFFICE | FIRM_OFFICE, "skills.decide": ZONE,
    "students.papers": COLLEGE_OFFICE, "students.decide-paper": COLLEGE_OFFICE, "students.read-paper": COLLEGE_OFFICE | STUDENT,
    "imports.read": COLLEGE_OFFICE | FIRM_OFFICE, "imports.upload": COLLEGE_OFFICE | FIRM_OFFICE, "imports.apply": COLLEGE_OFFICE | FIRM_OFFICE,
    "imports.history": COLLEGE_OFFICE | FIRM_OFFICE, "imports.export": COLLEGE_OFFICE | FIRM_OFFICE | ZONE, "imports.save-columns": COLLEGE_OFFICE | FIRM_OFFICE | ZONE,
    "applications.export": COLLEGE_OFFICE | FIRM_OFFICE, "agreements.export": COLLEGE_OFFICE | FIRM_OFFICE,
    "students.list": COLLEGE, "students.read": COLLEGE, "students.invite": COLLEGE_OFFICE, "students.record-consent": COLLEGE_OFFICE,
    "students.protection": COLLEGE, "students.looks": COLLEGE, "students.twice": COLLEGE_OFFICE | ZONE, "students.remind": COLLEGE, "students.step": COLLEGE_OFFICE, "students.majors": COLLEGE,
    "students.edit-majors": COLLEGE_OFFICE, "students.class": COLLEGE, "students.edit-classes": COLLEGE_OFFICE,
    "students.export": COLLEGE_OFFICE, "positions.export": FIRM_OFFICE | COLLEGE_OFFICE | ZONE, "students.classes": COLLEGE_OFFICE, "students.assign-adviser": COLLEGE_OFFICE, "students.count": ZONE, "students.own": STUDENT, "students.edit-own": STUDENT, "students.consent": STUDENT,
    "positions.list": FIRM | COLLEGE | ZONE, "positions.read": FIRM | COLLEGE | ZONE | STUDENT, "positions.write": FIRM_OFFICE,
    "positions.write-form": FIRM_OFFICE, "dashboards.rules": ZONE, "positions.rules": ZONE, "positions.verdicts": FIRM | ZONE,
    "positions.templates": FIRM_OFFICE, "positions.repeat-form": FIRM_OFFICE, "positions.overrides": FIRM_OFFICE | COLLEGE_OFFICE | ZONE, "positions.override-form": FIRM_OFFICE,
    "positions.ask-override": FIRM_OFFICE, "positions.answer-override": COLLEGE_OFFICE, "positions.minimum-wages": FIRM | ZONE, "positions.set-minimum-wage": ZONE,
    "proposals.matches": STUDENT, "proposals.choose": STUDENT, "proposals.candidates": FIRM, "proposals.supply": FIRM_OFFICE, "proposals.gaps": COLLEGE,
    "proposals.runs": ZONE, "proposals.start": ZONE, "proposals.learning": ZONE, "proposals.serve": {"zone_head"}, "proposals.doubts": ZONE,
    "applications.list": PARTIES, "applications.read": PARTIES, "applications.apply-form": STUDENT, "applications.apply": STUDENT,
    "applications.answer": STUDENT, "applications.decline": STUDENT | FIRM_OFFICE, "applications.offer": FIRM_OFFICE, "applications.rules": COLLEGE_OFFICE, "applications.edit-rules": {"college_head"},
    "applications.board": FIRM_OFFICE, "applications.read-notes": FIRM_OFFICE, "applications.note": FIRM_OFFICE, "applications.shown": PARTIES | ZONE,
    "applications.record": PARTIES | ZONE, "applications.records": FIRM_OFFICE | ZONE,
    "interviews.list": PARTIES, "interviews.read": PARTIES, "interviews.pick": STUDENT, "interviews.times": FIRM_OFFICE, "interviews.offer": FIRM_OFFICE,
    "agreements.list": PARTIES, "agreements.read": PARTIES,
    "dashboards.desk": ALL, "dashboards.figures": ZONE | BUREAU, "dashboards.supply-demand": ZONE,
}  # fmt: skip

TABLE = """
GET /                                                   dashboards.desk
GET /desk/figures/<name>                                dashboards.figures
GET /supply-demand                                      dashboards.supply-demand
GET /supply-demand/<key>/<industry>                     dashboards.supply-demand
GET /api/v1/desk/figures                                dashboards.figures
GET /api/v1/supply-demand                               dashboards.supply-demand

GET /sign-in                                            public
POST /sign-in                                           public
POST /sign-out                                          public
POST /enter                                             public
POST /language                                          public
POST /theme                                             public
GET /privacy                                            public
GET /livez                                              public
GET /readyz                                             public
GET /invitations/<token>                                public
POST /invitations/<token>                               public
GET /account                                            accounts.own
POST /account/password                                  accounts.change-own
POST /account/organisation                              accounts.change-own
POST /account/sessions                                  accounts.change-own
GET /colleagues                                         accounts.read-colleagues
POST /colleagues                                        accounts.invite
POST /colleagues/<uuid:id>/suspension                   accounts.suspend
POST /colleagues/<uuid:id>/restoration                  accounts.suspend
GET /api/v1/me                                          accounts.own
GET /api/v1/me/sessions                                 accounts.own
DELETE /api/v1/me/sessions                              accounts.change-own
GET /api/v1/colleagues                                  accounts.read-colleagues
POST /api/v1/colleagues                                 accounts.invite
POST /api/v1/colleagues/<uuid:id>/suspension            accounts.suspend
POST /api/v1/colleagues/<uuid:id>/restoration           accounts.suspend

GET /messages                                           messages.read
POST /messages                                          messages.mark
GET /demo/outbox                                        public
GET /api/v1/messages                                    messages.read
POST /api/v1/messages/read                              messages.mark

GET /enterprise                                         organisations.own-enterprise
POST /enterprise                                        organisations.edit-enterprise
POST /enterprise/families                               organisations.edit-enterprise
GET /enterprises                                        organisations.list-enterprises
GET /enterprises/<uuid:id>                              organisations.read-enterprise
POST /enterprises/<uuid:id>/verification                organisations.verify
POST /enterprises/<uuid:id>/visits                      organisations.record-visit
GET /lists/<name>                                       organisations.typeahead
GET /api/v1/enterprises                                 organisations.list-enterprises
GET /api/v1/enterprises/<uuid:id>                       organisations.read-enterprise
GET /api/v1/enterprises/<uuid:id>/room                  organisations.read-enterprise
GET /api/v1/lists/<name>                                organisations.typeahead

GET /filings                                            compliance.filings
GET /filings/new                                        compliance.filing-form
POST /filings                                           compliance.file
GET /filings/<uuid:id>                                  compliance.filings
GET /filings/<uuid:id>/file                             compliance.filings
POST /filings/<uuid:id>/verification                    compliance.verify-filing
POST /filings/<uuid:id>/refusal                         compliance.verify-filing
POST /filings/<uuid:id>/withdrawal                      compliance.file
GET /rule-overrides                                          compliance.overrides
GET /rule-overrides/new                                      compliance.override-form
POST /rule-overrides                                         compliance.override
GET /rule-overrides/<uuid:id>                                compliance.overrides
POST /rule-overrides/<uuid:id>/withdrawal                    compliance.override
GET /mentors                                            compliance.mentors
POST /mentors                                           compliance.edit-mentors
POST /mentors/<uuid:id>                                 compliance.edit-mentors
POST /mentors/<uuid:id>/end                             compliance.edit-mentors
GET /law-tables                                         compliance.law-tables
POST /law-tables                                        compliance.edit-law-tables
GET /api/v1/filings                                     compliance.filings
POST /api/v1/filings                                    compliance.file
GET /api/v1/filings/<uuid:id>                           compliance.filings
GET /api/v1/filings/<uuid:id>/file                      compliance.filings
POST /api/v1/filings/<uuid:id>/verification             compliance.verify-filing
POST /api/v1/filings/<uuid:id>/refusal                  compliance.verify-filing
POST /api/v1/filings/<uuid:id>/withdrawal               compliance.file
GET /api/v1/rule-overrides                                   compliance.overrides
POST /api/v1/rule-overrides                                  compliance.override
GET /api/v1/rule-overrides/<uuid:id>                         compliance.overrides
POST /api/v1/rule-overrides/<uuid:id>/withdrawal             compliance.override
GET /api/v1/mentors                                     compliance.mentors
POST /api/v1/mentors                                    compliance.edit-mentors
POST /api/v1/mentors/<uuid:id>                          compliance.edit-mentors
POST /api/v1/mentors/<uuid:id>/end                      compliance.edit-mentors
GET /api/v1/law-tables                                  compliance.law-tables
POST /api/v1/law-tables                                 compliance.edit-law-tables

GET /skills/search                                      skills.search
GET /api/v1/skills                                      skills.search
GET /skills/proposals                                   skills.proposals
POST /skills/proposals                                  skills.propose
POST /skills/proposals/<uuid:id>/decision               skills.decide
GET /api/v1/skills/proposals                            skills.proposals
POST /api/v1/skills/proposals                           skills.propose
POST /api/v1/skills/proposals/<uuid:id>/decision        skills.decide

GET /imports                                            imports.read
POST /imports                                           imports.upload
GET /imports/template/<kind>                            imports.read
GET /imports/<uuid:id>                                  imports.read
GET /imports/<uuid:id>/progress                         imports.read
GET /imports/<uuid:id>/rows-to-mend                     imports.read
POST /imports/<uuid:id>/plan                            imports.apply
POST /imports/<uuid:id>/decisions                       imports.apply
GET /imports/<uuid:id>/reversal                         imports.read
POST /imports/<uuid:id>/reversal                        imports.apply
POST /imports/<uuid:id>/application                     imports.apply
GET /imports/<uuid:id>/mending                          imports.read
POST /imports/<uuid:id>/mending                         imports.apply
GET /exports                                            imports.export
GET /exports/<name>                                     imports.export
POST /exports/<name>                                    imports.save-columns
GET /exports/<name>/file                                imports.export
GET /api/v1/imports/<uuid:id>/mending                   imports.read
POST /api/v1/imports/<uuid:id>/mending                  imports.apply
GET /api/v1/exports                                     imports.export
GET /api/v1/exports/<name>                              imports.export
POST /api/v1/exports/<name>                             imports.save-columns
GET /api/v1/imports                                     imports.read
POST /api/v1/imports                                    imports.upload
GET /api/v1/imports/<uuid:id>                           imports.read
GET /api/v1/imports/<uuid:id>/rows                      imports.read
POST /api/v1/imports/<uuid:id>/plan                     imports.apply
POST /api/v1/imports/<uuid:id>/decisions                imports.apply
GET /api/v1/imports/<uuid:id>/reversal                  imports.read
POST /api/v1/imports/<uuid:id>/reversal                 imports.apply
POST /api/v1/imports/<uuid:id>/application              imports.apply

GET /students                                           students.list
GET /students/<uuid:id>                                 students.read
POST /students/<uuid:id>/guardian-consents              students.record-consent
POST /students/batch                                    students.remind
POST /students/<uuid:id>/state                          students.step
GET /majors                                             students.majors
POST /majors                                            students.edit-majors
POST /majors/<uuid:id>/removal                          students.edit-majors
GET /protection                                         students.protection
POST /protection/guardian-consents                      students.record-consent
GET /looks                                              students.looks
GET /students/registered-twice                          students.twice
GET /api/v1/students/registered-twice                   students.twice
GET /classes                                            students.classes
POST /classes                                           students.edit-classes
GET /classes/<uuid:id>                                  students.class
POST /classes/<uuid:id>                                 students.edit-classes
POST /classes/<uuid:id>/activation-links                students.invite
POST /api/v1/students/batch                             students.remind
POST /api/v1/students/<uuid:id>/state                   students.step
GET /api/v1/protection                                  students.protection
POST /api/v1/protection/guardian-consents               students.record-consent
GET /api/v1/looks                                       students.looks
GET /api/v1/majors                                      students.majors
POST /api/v1/majors                                     students.edit-majors
POST /api/v1/majors/<uuid:id>/removal                   students.edit-majors
POST /api/v1/classes                                    students.edit-classes
GET /api/v1/classes/<uuid:id>                           students.class
PUT /api/v1/classes/<uuid:id>                           students.edit-classes
POST /api/v1/classes/<uuid:id>/activation-links         students.invite
POST /classes/<uuid:id>/adviser                         students.assign-adviser
GET /api/v1/classes                                     students.classes
PUT /api/v1/classes/<uuid:id>/adviser                   students.assign-adviser
GET /me                                                 students.own
POST /me                                                students.edit-own
POST /me/consents/<purpose>                             students.consent
POST /me/certificates/<code>/evidence                   students.edit-own
POST /me/visibility                                     students.edit-own
GET /certificates                                       students.papers
GET /certificates/<uuid:id>                             students.read-paper
POST /certificates/<uuid:id>/decision                   students.decide-paper
POST /api/v1/me/certificates/<code>/evidence            students.edit-own
GET /api/v1/me/visibility                               students.own
POST /api/v1/me/visibility                              students.edit-own
GET /api/v1/certificates                                students.papers
GET /api/v1/certificates/<uuid:id>                      students.read-paper
POST /api/v1/certificates/<uuid:id>/decision            students.decide-paper
GET /api/v1/students                                    students.list
GET /api/v1/students/<uuid:id>                          students.read
GET /api/v1/me/profile                                  students.own
PUT /api/v1/me/profile                                  students.edit-own
PUT /api/v1/me/consents/<purpose>                       students.consent
GET /api/v1/me/looks                                    students.own

GET /positions                                          positions.list
POST /positions                                         positions.write
GET /positions/new                                      positions.write-form
GET /positions/<uuid:id>                                positions.read
GET /positions/<uuid:id>/edit                           positions.write-form
POST /positions/<uuid:id>/edit                          positions.write
POST /positions/<uuid:id>/publication                   positions.write
POST /positions/<uuid:id>/pause                         positions.write
POST /positions/<uuid:id>/closure                       positions.write
POST /positions/<uuid:id>/copies                        positions.write
GET /rules                                              dashboards.rules
GET /rules/<code>                                       dashboards.rules
GET /rules/<code>/export                                dashboards.rules
POST /positions/drafts                                  positions.write
POST /positions/<uuid:id>/draft                         positions.write
POST /positions/judgement                               positions.write
GET /api/v1/positions/<uuid:id>/judgement               positions.verdicts
POST /positions/<uuid:id>/removal                       positions.write
POST /api/v1/positions/<uuid:id>/removal                positions.write
GET /positions/copies                                   positions.repeat-form
POST /positions/copies                                  positions.write
POST /api/v1/positions/copies                           positions.write
POST /positions/<uuid:id>/template                      positions.write
POST /api/v1/positions/<uuid:id>/template               positions.write
GET /post-templates                                     positions.templates
GET /api/v1/post-templates                              positions.templates
POST /post-templates/<uuid:id>/removal                  positions.write
POST /api/v1/post-templates/<uuid:id>/removal           positions.write
GET /overrides                                          positions.overrides
GET /api/v1/overrides                                   positions.overrides
GET /positions/<uuid:id>/overrides                      positions.override-form
POST /positions/<uuid:id>/overrides                     positions.ask-override
POST /api/v1/positions/<uuid:id>/overrides              positions.ask-override
POST /overrides/<uuid:id>/answer                        positions.answer-override
POST /api/v1/overrides/<uuid:id>/answer                 positions.answer-override
GET /minimum-wages                                      positions.minimum-wages
POST /minimum-wages                                     positions.set-minimum-wage
GET /api/v1/minimum-wages                               positions.minimum-wages
POST /api/v1/minimum-wages                              positions.set-minimum-wage
GET /api/v1/positions                                   positions.list
POST /api/v1/positions                                  positions.write
GET /api/v1/positions/<uuid:id>                         positions.read
POST /api/v1/positions/<uuid:id>/publication            positions.write
PATCH /api/v1/positions/<uuid:id>                       positions.write
GET /api/v1/positions/<uuid:id>/verdicts                positions.verdicts
POST /api/v1/positions/<uuid:id>/pause                  positions.write
POST /api/v1/positions/<uuid:id>/copies                 positions.write
POST /api/v1/positions/<uuid:id>/closure                positions.write
GET /api/v1/rules                                       dashboards.rules
GET /api/v1/rules/<code>                                dashboards.rules
GET /api/v1/rules/<code>/cases                          dashboards.rules

GET /matches                                            proposals.matches
GET /posts                                              proposals.matches
GET /matches/<uuid:id>                                  proposals.matches
POST /matches/<uuid:id>/choices                         proposals.choose
GET /positions/<uuid:id>/candidates                     proposals.candidates
GET /what-if                                            proposals.matches
GET /what-if/strongest                                  proposals.matches
GET /what-if/next                                       proposals.matches
POST /matches/<uuid:id>/doubts                          proposals.choose
GET /matches/weights                                    proposals.matches
POST /matches/weights                                   proposals.choose
GET /alerts                                             proposals.matches
POST /alerts                                            proposals.choose
POST /alerts/<uuid:id>/switch                           proposals.choose
POST /alerts/<uuid:id>/removal                          proposals.choose
GET /doubts                                             proposals.doubts
GET /api/v1/posts                                       proposals.matches
GET /api/v1/what-if/next                                proposals.matches
POST /api/v1/matches/<uuid:id>/doubts                   proposals.choose
GET /api/v1/matches/weights                             proposals.matches
POST /api/v1/matches/weights                            proposals.choose
GET /api/v1/alerts                                      proposals.matches
POST /api/v1/alerts                                     proposals.choose
POST /api/v1/alerts/<uuid:id>/switch                    proposals.choose
POST /api/v1/alerts/<uuid:id>/removal                   proposals.choose
GET /api/v1/doubts                                      proposals.doubts
GET /api/v1/what-if                                     proposals.matches
GET /skill-gaps                                         proposals.gaps
GET /api/v1/skill-gaps                                  proposals.gaps
GET /supply                                             proposals.supply
GET /positions/<uuid:id>/supply                         proposals.supply
GET /api/v1/supply                                      proposals.supply
GET /api/v1/positions/<uuid:id>/supply                  proposals.supply
GET /runs                                               proposals.runs
POST /runs                                              proposals.start
GET /runs/<uuid:id>                                     proposals.runs
GET /runs/<uuid:id>/progress                            proposals.runs
GET /scorings                                           proposals.learning
POST /scorings                                          proposals.serve
GET /scorings/<uuid:id>                                 proposals.learning
POST /scorings/<uuid:id>/serving                        proposals.serve
POST /scorings/<uuid:id>/retirement                     proposals.serve
GET /api/v1/scorings                                    proposals.learning
POST /api/v1/scorings                                   proposals.serve
GET /api/v1/scorings/<uuid:id>                          proposals.learning
POST /api/v1/scorings/<uuid:id>/serving                 proposals.serve
POST /api/v1/scorings/<uuid:id>/retirement              proposals.serve
GET /api/v1/matches                                     proposals.matches
GET /api/v1/matches/<uuid:id>                           proposals.matches
POST /api/v1/matches/<uuid:id>/choices                  proposals.choose
GET /api/v1/positions/<uuid:id>/candidates              proposals.candidates
GET /api/v1/runs                                        proposals.runs
POST /api/v1/runs                                       proposals.start
GET /api/v1/runs/<uuid:id>                              proposals.runs

GET /applications                                       applications.list
POST /applications                                      applications.apply
GET /applications/new                                   applications.apply-form
GET /applications/<uuid:id>                             applications.read
POST /applications/batch                                applications.offer
POST /applications/<uuid:id>/taking-back                applications.answer
POST /waiting-lists                                     applications.apply
GET /acceptance-rules                                   applications.rules
POST /acceptance-rules/<kind>                           applications.edit-rules
GET /api/v1/applications/<uuid:id>/acceptance-terms     applications.answer
POST /api/v1/applications/<uuid:id>/taking-back         applications.answer
POST /api/v1/waiting-lists                              applications.apply
GET /api/v1/acceptance-rules                            applications.rules
PUT /api/v1/acceptance-rules/<kind>                     applications.edit-rules
POST /applications/<uuid:id>/acceptance                 applications.answer
POST /applications/<uuid:id>/agreement-to-invitation    applications.answer
POST /applications/<uuid:id>/withdrawal                 applications.answer
POST /applications/<uuid:id>/declination                applications.decline
POST /applications/<uuid:id>/offer                      applications.offer
POST /applications/<uuid:id>/invitation                 applications.offer
POST /positions/<uuid:id>/invitations                   applications.offer
POST /positions/<uuid:id>/offers                        applications.offer
GET /api/v1/applications                                applications.list
POST /api/v1/applications                               applications.apply
GET /api/v1/applications/<uuid:id>                      applications.read
POST /api/v1/applications/<uuid:id>/acceptance          applications.answer
POST /api/v1/applications/<uuid:id>/agreement-to-invitation  applications.answer
POST /api/v1/applications/<uuid:id>/withdrawal          applications.answer
POST /api/v1/applications/<uuid:id>/declination         applications.decline
POST /api/v1/applications/<uuid:id>/offer               applications.offer
POST /api/v1/applications/<uuid:id>/invitation          applications.offer
POST /api/v1/positions/<uuid:id>/invitations            applications.offer
POST /api/v1/positions/<uuid:id>/offers                 applications.offer

GET /applications/board                                 applications.board
GET /api/v1/applications/board                          applications.board
POST /positions/<uuid:id>/refusals                      applications.offer
POST /positions/<uuid:id>/refusals/reversal             applications.offer
POST /applications/<uuid:id>/reversal                   applications.offer
GET /positions/<uuid:id>/notes                          applications.read-notes
POST /positions/<uuid:id>/notes                         applications.note
POST /applications/<uuid:id>/notes                      applications.note
POST /candidate-notes/<uuid:id>/removal                 applications.note
GET /what-is-shown                                      applications.shown
GET /positions/<uuid:id>/employer-record                applications.record
GET /employer-records                                   applications.records
POST /api/v1/positions/<uuid:id>/refusals               applications.offer
POST /api/v1/positions/<uuid:id>/refusals/reversal      applications.offer
POST /api/v1/applications/<uuid:id>/reversal            applications.offer
GET /api/v1/positions/<uuid:id>/notes                   applications.read-notes
POST /api/v1/positions/<uuid:id>/notes                  applications.note
GET /api/v1/applications/<uuid:id>/notes                applications.read-notes
POST /api/v1/applications/<uuid:id>/notes               applications.note
POST /api/v1/candidate-notes/<uuid:id>/removal          applications.note
GET /api/v1/what-is-shown                               applications.shown
GET /api/v1/positions/<uuid:id>/employer-record         applications.record
GET /api/v1/employer-records                            applications.records

GET /interviews                                         interviews.list
POST /interviews                                        interviews.offer
GET /interviews/<uuid:id>                               interviews.read
GET /interviews/<uuid:id>/calendar                      interviews.read
GET /applications/<uuid:id>/interviews                  interviews.read
POST /interviews/<uuid:id>/booking                      interviews.pick
POST /interviews/<uuid:id>/declination                  interviews.pick
POST /interviews/<uuid:id>/cancellation                 interviews.offer
POST /interviews/<uuid:id>/result                       interviews.offer
GET /positions/<uuid:id>/interview-times                interviews.times
POST /positions/<uuid:id>/interview-times               interviews.offer
GET /interview-times/<uuid:id>                          interviews.times
POST /interview-times/<uuid:id>                         interviews.offer
POST /interview-times/<uuid:id>/cancellation            interviews.offer
GET /api/v1/interviews                                  interviews.list
POST /api/v1/interviews                                 interviews.offer
GET /api/v1/interviews/<uuid:id>                        interviews.read
GET /api/v1/interviews/<uuid:id>/calendar               interviews.read
GET /api/v1/applications/<uuid:id>/interviews           interviews.read
POST /api/v1/interviews/<uuid:id>/booking               interviews.pick
POST /api/v1/interviews/<uuid:id>/declination           interviews.pick
POST /api/v1/interviews/<uuid:id>/cancellation          interviews.offer
POST /api/v1/interviews/<uuid:id>/result                interviews.offer
GET /api/v1/positions/<uuid:id>/interview-times         interviews.times
POST /api/v1/positions/<uuid:id>/interview-times        interviews.offer
GET /api/v1/interview-times/<uuid:id>                   interviews.times
PUT /api/v1/interview-times/<uuid:id>                   interviews.offer
POST /api/v1/interview-times/<uuid:id>/cancellation     interviews.offer

GET /agreements                                         agreements.list
GET /agreements/<uuid:id>                               agreements.read
GET /applications/<uuid:id>/agreement                   agreements.read
GET /api/v1/agreements                                  agreements.list
GET /api/v1/agreements/<uuid:id>                        agreements.read
GET /api/v1/applications/<uuid:id>/agreement            agreements.read
GET /api/v1/enterprise                                  organisations.own-enterprise
PUT /api/v1/enterprise                                  organisations.edit-enterprise
GET /api/v1/enterprise/families                         organisations.own-enterprise
POST /api/v1/enterprise/families                        organisations.edit-enterprise
POST /api/v1/enterprises/<uuid:id>/verification         organisations.verify
POST /api/v1/enterprises/<uuid:id>/visits               organisations.record-visit
POST /api/v1/students/activation-links                  students.invite
POST /api/v1/students/<uuid:id>/guardian-consents       students.record-consent
POST /api/v1/applications/batch                         applications.offer

POST /account/departure                                 accounts.leave
POST /colleagues/<uuid:id>/role                         accounts.change-role
POST /colleagues/<uuid:id>/headship                     accounts.hand-over
POST /joins/<uuid:id>/decision                          accounts.decide-join
POST /open-invitations/<uuid:id>/withdrawal             accounts.invite
GET /api/v1/joins                                       accounts.read-colleagues
GET /api/v1/open-invitations                            accounts.read-colleagues
POST /api/v1/colleagues/<uuid:id>/role                  accounts.change-role
POST /api/v1/colleagues/<uuid:id>/headship              accounts.hand-over
POST /api/v1/joins/<uuid:id>/decision                   accounts.decide-join
POST /api/v1/open-invitations/<uuid:id>/withdrawal      accounts.invite

GET /registration                                       public
POST /registration                                      public
GET /registration/hint                                  public
GET /registration/industries                            public
GET /registration/asked                                 public
GET /registration/<token>                               public
POST /registration/<token>                              public
GET /registration/<token>/code                          public
POST /registration/<token>/code                         public
POST /registration/<token>/codes                        public
GET /enterprise/check                                   organisations.own-enterprise
POST /enterprise/check                                  organisations.answer-check
GET /checks                                             organisations.checks
GET /checks/<uuid:id>                                   organisations.checks
GET /checks/<uuid:id>/licence                           organisations.checks
POST /checks/<uuid:id>/decision                         organisations.decide-check
GET /zone-list                                          organisations.zone-list
POST /zone-list                                         organisations.edit-zone-list
POST /zone-list/upload                                  organisations.edit-zone-list
GET /zone-list/template                                 organisations.zone-list
GET /zone-list/<uuid:id>                                organisations.zone-list
POST /zone-list/<uuid:id>                               organisations.edit-zone-list
POST /zone-list/<uuid:id>/removal                       organisations.edit-zone-list
GET /api/v1/enterprise/check                            organisations.own-enterprise
POST /api/v1/enterprise/check                           organisations.answer-check
GET /api/v1/checks                                      organisations.checks
GET /api/v1/checks/<uuid:id>                            organisations.checks
GET /api/v1/checks/<uuid:id>/licence                    organisations.checks
POST /api/v1/checks/<uuid:id>/decision                  organisations.decide-check
GET /api/v1/zone-list                                   organisations.zone-list
POST /api/v1/zone-list                                  organisations.edit-zone-list
GET /api/v1/zone-list/<uuid:id>                         organisations.zone-list
PUT /api/v1/zone-list/<uuid:id>                         organisations.edit-zone-list
POST /api/v1/zone-list/<uuid:id>/removal                organisations.edit-zone-list

GET /intent/<token>                                     public
POST /intent/<token>                                    public
GET /intent/<token>/thanks                              public
POST /intent/<token>/link                               public
GET /intents/link-sent                                  public
GET /enterprise/intent                                  organisations.own-intent
POST /enterprise/intent                                 organisations.answer-intent
GET /enterprise/intent/thanks                           organisations.own-intent
GET /intents                                            organisations.intents
POST /intents                                           organisations.ask-intents
GET /intents/<uuid:id>                                  organisations.intents
POST /intents/<uuid:id>/closure                         organisations.ask-intents
GET /api/v1/enterprise/intent                           organisations.own-intent
POST /api/v1/enterprise/intent                          organisations.answer-intent
GET /api/v1/intents                                     organisations.intents
POST /api/v1/intents                                    organisations.ask-intents
GET /api/v1/intents/<uuid:id>                           organisations.intents
POST /api/v1/intents/<uuid:id>/closure                  organisations.ask-intents

GET /three-lists                                        organisations.read-lists
POST /three-lists                                       organisations.write-list
GET /three-lists/export                                 organisations.export-lists
GET /three-lists/new                                    organisations.write-list-form
GET /three-lists/<uuid:id>                              organisations.read-lists
GET /three-lists/<uuid:id>/edit                         organisations.write-list-form
POST /three-lists/<uuid:id>/edit                        organisations.write-list
POST /three-lists/<uuid:id>/publication                 organisations.write-list
POST /three-lists/<uuid:id>/closure                     organisations.write-list
GET /api/v1/three-lists                                 organisations.read-lists
POST /api/v1/three-lists                                organisations.write-list
GET /api/v1/three-lists/<uuid:id>                       organisations.read-lists
PUT /api/v1/three-lists/<uuid:id>                       organisations.write-list
POST /api/v1/three-lists/<uuid:id>/publication          organisations.write-list
POST /api/v1/three-lists/<uuid:id>/closure              organisations.write-list

GET /styleguide                                         public
GET /api/docs                                           public
GET /api/v1/openapi.json                                public
"""

UNGATED = {"/static/<path:filename>", "/bootstrap/static/<path:filename>"}
WORDS = {
    "<name>": "majors", "<kind>": "students", "<code>": "R10", "<purpose>": "matching", "<token>": "no-such-token", "<key>": "any", "<industry>": "equipment",
}  # fmt: skip
WORDS_AT = {"/desk/figures/<name>": {"<name>": "openings"}, "/acceptance-rules/<kind>": {"<kind>": "job"}, "/api/v1/acceptance-rules/<kind>": {"<kind>": "job"}} | {
    rule: {"<name>": "positions"} for rule in ("/exports/<name>", "/exports/<name>/file", "/api/v1/exports/<name>")
}
QUERY = {"/api/v1/lists/<name>": "?q=jd", "/lists/<name>": "?q=jd", "/applications/new": "?position={position}"}
FIELDS = {"/account/organisation": "membership", "/applications": "position", "/api/v1/applications": "position", "/waiting-lists": "position", "/api/v1/waiting-lists": "position"}
LAST = (  # these end the session that tries them, or change its role
    "/colleagues/<uuid:id>/headship", "/api/v1/colleagues/<uuid:id>/headship", "/account/organisation", "/account/sessions", "/sign-out", "/account/departure",
)  # fmt: skip
HIDDEN_HERE = {
    "/demo/outbox", "/enter", "/invitations/<token>", "/registration/<token>", "/registration/<token>/code", "/registration/<token>/codes", "/intent/<token>",
    "/intent/<token>/thanks", "/intent/<token>/link",
}  # in the tests' environment the answer is 404
KNOWN_BY_ALL = {(kind, role) for kind in ("enterprises", "filings") for role in ZONE | COLLEGE} | {("rule-overrides", role) for role in ZONE} | {(kind, role) for role in ZONE for kind in ("scorings", "checks", "zone-list", "intents")} | {("skills", role) for role in ZONE}  # whose reach is every record of the kind

ROUTES = [tuple(line.split()) for line in TABLE.strip().splitlines() if line]


class World:
    """Two colleges, two firms, and one record of every kind on each side."""

    def __init__(self) -> None:
        self.zone = builders.a_tenant(TenantKind.ZONE)
        self.bureau = builders.a_tenant(TenantKind.BUREAU)
        self.sides = [self._side(), self._side()]
        roles = {"zone": Role.ZONE_OFFICER, "college": Role.COLLEGE_OFFICER, "enterprise": Role.ENTERPRISE_MEMBER, "bureau": Role.BUREAU_OBSERVER}
        tenants = [self.zone, self.bureau, *(side[name] for side in self.sides for name in ("college", "enterprise"))]
        self.colleagues = {tenant.id: builders.a_membership(roles[tenant.kind], tenant=tenant) for tenant in tenants}
        self.run = builders.saved(Run(state="quarantined"))
        self.scoring = builders.saved(Scoring(no=1, standing="retired", state="done", weights=dict(WEIGHTS), figures={"n_acts": 1, "n_lists": 1, "n_offers": 0}))
        for _ in range(5):  # the steps under test take some off
            builders.a_listed_enterprise(self.zone)
        self.asked = builders.an_intent_round(self.zone, *(side["enterprise"] for side in self.sides))
        self.joins = {tenant.id: builders.saved(JoinRequest(tenant_id=tenant.id, person_id=builders.a_person().id)) for tenant in tenants}
        self.invited = {tenant.id: builders.an_invitation(tenant, roles[tenant.kind]) for tenant in tenants}
        self.small_run = builders.saved(Run(state="done", scope="position", subject_id=1))
        db.session.commit()

    def _side(self) -> dict[str, Any]:
        college, firm = builders.a_college(), builders.an_enterprise()
        tenants = {"college": db.session.get_one(Tenant, college.tenant_id), "enterprise": db.session.get_one(Tenant, firm.tenant_id)}
        adviser = builders.a_membership(Role.CLASS_ADVISER, tenant=tenants["college"])
        school_class = builders.a_class(college, adviser_id=adviser.id)
        student = builders.a_student(college, class_id=school_class.id)
        position, draft = builders.a_position(firm), builders.a_position(firm, state="draft")
        for code in ("460301", "460302", "460303", "460304", "460305"):  # the steps under test take some off
            builders.saved(CollegeMajor(tenant_id=college.tenant_id, major_code=code))
        application = builders.saved(
            Application(
                college_tenant_id=college.tenant_id, enterprise_tenant_id=firm.tenant_id, student_id=student.id, position_id=position.id,
                kind=position.kind, state="applied", begun_by="student", spoken=True,
            )
        )  # fmt: skip
        agreement = agreements.draft_from(application.id)
        upload = builders.saved(
            Upload(tenant_id=college.tenant_id, person_id=adviser.person_id, kind="students", stage="checked", state="done",
                   filename="a.xlsx", sha256="0" * 64, size=1)
        )  # fmt: skip
        posts_upload = builders.saved(
            Upload(tenant_id=firm.tenant_id, person_id=builders.a_membership(Role.ENTERPRISE_MEMBER, tenant=tenants["enterprise"]).person_id,
                   kind="positions", stage="checked", state="done", filename="b.xlsx", sha256="1" * 64, size=1)
        )  # fmt: skip
        slot = builders.a_slot(position)
        interview = builders.saved(
            Interview(enterprise_tenant_id=firm.tenant_id, application_id=application.id, student_id=student.id, slot_id=slot.id, state="booked")
        )
        slot.taken = 1
        boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=tenants["enterprise"])
        for _ in range(4):  # the steps under test take some away
            builders.saved(CandidateNote(tenant_id=firm.tenant_id, position_id=position.id, student_id=student.id, membership_id=boss.id, text="note"))
        held = builders.has_skill(student, builders.a_skill(kind="certificate"))
        held.source = "student"
        evidence = builders.saved(
            Evidence(
                student_skill_id=held.id, college_tenant_id=college.tenant_id, filename="a.pdf", kind="pdf", sha256="2" * 64, size=9,
                sealed_content=sealed.seal_bytes(b"%PDF-1.7 %%EOF", current_app.config["ID_KEY"]),
            )
        )  # fmt: skip
        member = builders.a_student_member(student)
        proposal = builders.saved(SkillProposal(person_id=member.person_id, tenant_id=college.tenant_id, kind="skill", name_zh=f"螺旋焊{college.tenant_id}"))
        for n in range(4):  # the removals under test take some away
            alert = builders.saved(Alert(student_id=student.id, name=f"search {n}", asked={"kind": "job"}, since_at=clock.now()))
        return {
            "interviews": interview, "interview-times": slot,
            "alerts": alert, "certificates": evidence, "skills": proposal, "posts_upload": posts_upload, **tenants, "adviser": adviser, "student": member, "students": student, "positions": position, "draft": draft,
            "applications": application, "agreements": agreement, "imports": upload, "enterprises": firm,
            "filings": builders.a_filing(firm, entered_tenant_id=college.tenant_id, verified=False, file=b"%PDF-1.7 paper", file_kind="application/pdf", file_name="paper.pdf"),
            "rule-overrides": builders.an_override(firm, college), "mentors": builders.a_mentor(firm),
            "classes": school_class, **_asked_and_kept(college, position, posts_upload.person_id), "checks": builders.a_check(firm), "three-lists": builders.a_list_item(firm), "draft-row": builders.a_list_item(firm, state="draft"),
        }  # fmt: skip

    def member(self, role: Role) -> Membership:
        """Somebody of this role on the first side."""
        side = self.sides[0]
        if role is Role.STUDENT:
            return side["student"]
        if role is Role.CLASS_ADVISER:
            return side["adviser"]
        tenant = {"zone": self.zone, "bureau": self.bureau}.get(role.value.split("_")[0])
        tenant = tenant or (side["college"] if role.value in COLLEGE else side["enterprise"])
        return builders.a_membership(role, tenant=tenant)

    def own(self, kind: str, member: Membership) -> uuid.UUID:
        """An id of this kind that the member may reach, if her role may at all."""
        if kind == "colleagues":
            return self.colleagues[member.tenant_id].public_id
        if kind == "runs":
            return self.run.public_id
        if kind == "imports" and member.role in FIRM:
            return self.sides[0]["posts_upload"].public_id
        if kind == "majors":
            return self._major(0)
        if kind == "candidate-notes":
            return self._note(0)
        if kind == "scorings":
            return self.scoring.public_id
        if kind == "post-templates":
            return self._template(0)
        if kind in ("joins", "open-invitations"):
            return {"joins": self.joins, "open-invitations": self.invited}[kind][member.tenant_id].public_id
        if kind == "zone-list":
            return db.session.scalars(sa.select(ListedEnterprise.public_id).order_by(ListedEnterprise.id)).first() or uuid.uuid4()
        if kind == "intents":
            return self.asked.public_id
        if kind == "alerts":
            return self._alert(0)
        return self.sides[0]["positions" if kind == "matches" else kind].public_id

    def _note(self, side: int) -> uuid.UUID:
        """The first that is still there."""
        wanted = sa.select(CandidateNote.public_id).where(CandidateNote.tenant_id == self.sides[side]["enterprise"].id).order_by(CandidateNote.id)
        return db.session.scalars(wanted).first() or uuid.uuid4()

    def _alert(self, side: int) -> uuid.UUID:
        """The first saved search that is still there."""
        wanted = sa.select(Alert.public_id).where(Alert.student_id == self.sides[side]["students"].id).order_by(Alert.id)
        return db.session.scalars(wanted).first() or uuid.uuid4()

    def _major(self, side: int) -> uuid.UUID:
        """The first that is still on the college's list."""
        wanted = sa.select(CollegeMajor.public_id).where(CollegeMajor.tenant_id == self.sides[side]["college"].id).order_by(CollegeMajor.id)
        return db.session.scalars(wanted).first() or uuid.uuid4()

    def _template(self, side: int) -> uuid.UUID:
        """The first that the firm still keeps."""
        wanted = sa.select(PositionTemplate.public_id).where(PositionTemplate.tenant_id == self.sides[side]["enterprise"].id).order_by(PositionTemplate.id)
        return db.session.scalars(wanted).first() or uuid.uuid4()

    def foreign(self, kind: str, member: Membership) -> uuid.UUID:
        """An id of this kind that exists and that she may not reach."""
        if kind == "colleagues":
            return self.colleagues[self.sides[1]["college"].id].public_id
        if kind == "runs":
            return self.small_run.public_id
        if kind == "scorings":
            return self.scoring.public_id
        if kind in ("joins", "open-invitations"):
            return {"joins": self.joins, "open-invitations": self.invited}[kind][self.sides[1]["college"].id].public_id
        if kind == "zone-list":
            return db.session.scalars(sa.select(ListedEnterprise.public_id).order_by(ListedEnterprise.id)).first() or uuid.uuid4()
        if kind == "intents":
            return self.asked.public_id
        if kind == "three-lists" and member.role not in FIRM:
            return self.sides[1]["draft-row"].public_id
        if kind in ("positions", "matches"):
            return self.sides[1]["positions" if member.role in FIRM else "draft"].public_id
        if kind == "imports" and member.role in FIRM:
            return self.sides[1]["posts_upload"].public_id
        if kind == "majors":
            return self._major(1)
        if kind == "post-templates":
            return self._template(1)
        if kind == "candidate-notes":
            return self._note(1)
        return self.sides[1][kind].public_id


def _asked_and_kept(college: Any, position: Any, person_id: int) -> dict[str, Any]:
    """A question to pass the share, and a template."""
    asked = CapOverride(
        position_id=position.id, tenant_id=position.tenant_id, college_tenant_id=college.tenant_id, rules=["R10"], heads=9, over=1,
        from_on=position.start_on, to_on=position.end_on, reason="Many are needed.", asked_by_id=person_id,
    )  # fmt: skip
    for n in range(4):  # the steps under test throw some away
        builders.saved(PositionTemplate(tenant_id=position.tenant_id, name=f"Fitter {n}", kept={"title": "Fitter"}))
    return {"overrides": builders.saved(asked)}


@pytest.fixture
def world(app: Flask) -> World:
    return World()


def kind_of(rule: str) -> str:
    """`/api/v1/positions/<uuid:id>/closure` → positions."""
    return rule.removeprefix("/api/v1").split("/")[1]


def address(rule: str, id: uuid.UUID | None = None, position: uuid.UUID | None = None) -> str:
    url = rule.replace("<uuid:id>", str(id))
    for name, word in {**WORDS, **WORDS_AT.get(rule, {})}.items():
        url = url.replace(name, word)
    return url + QUERY.get(rule, "").format(position=position)


def enter(browser: Browser, method: str, rule: str, url: str, fields: dict[str, Any] | None = None, *, plainly: bool = False) -> TestResponse:
    accept = {"Accept": "application/json"} if plainly else {}  # a problem as JSON says the same as its page, sooner
    if method in SAFE:
        return browser.client.get(url, headers=accept)
    if not hasattr(browser, "token"):
        browser.token = browser.csrf()  # type: ignore[attr-defined]
    headers = {"X-CSRFToken": browser.token, **accept}  # type: ignore[attr-defined]
    if rule.startswith("/api/") and rule != "/api/v1/imports":
        return browser.client.open(url, method=method, json=fields or {}, headers=headers)
    return browser.client.post(url, data={"form_key": str(uuid.uuid4()), **(fields or {})}, headers=headers)


def stripped(answer: TestResponse) -> str:
    """The body without what differs from one request to the next."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", answer.get_data(as_text=True))
    text = re.sub(r'value="[\w.~-]{40,}"', "TOKEN", text)
    return re.sub(r"\b[0-9a-f]{12}\b", "REF", text)


def everything() -> dict[str, str]:
    """A hash of every table's rows, but for what a GET may write: who looked, and that a session lives."""
    db.session.rollback()
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name == "looks":
            continue
        columns = [c for c in table.columns if not (table.name == "sign_ins" and c.name == "seen_at")]
        rows = db.session.execute(sa.select(*columns).order_by(*table.primary_key.columns)).all()
        found[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    db.session.rollback()
    return found


def changed(before: dict[str, str]) -> list[str]:
    after = everything()
    return [name for name in before if before[name] != after[name]]


def test_the_table_and_the_routes_are_the_same(app: Flask) -> None:
    there = {
        (method, rule.rule) for rule in app.url_map.iter_rules() if rule.rule not in UNGATED for method in rule.methods or () if method not in {"HEAD", "OPTIONS"}
    }
    listed = {(method, rule) for method, rule, _ in ROUTES}
    assert there - listed == set(), "routes without a line in TABLE"
    assert listed - there == set(), "lines of TABLE without a route"
    assert len(listed) == len(ROUTES), "a line stands twice"


def test_every_route_asks_for_the_ability_of_the_table(app: Flask) -> None:
    ability = {(method, rule): name for method, rule, name in ROUTES}
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            if rule.rule not in UNGATED:
                assert GATES[rule.endpoint, method].ability == ability[method, rule.rule], rule.rule


def test_abilities_belong_to_the_roles_of_the_table(app: Flask) -> None:
    assert {name: {role.value for role in roles} for name, roles in ABILITIES.items()} == {k: v for k, v in WHO.items() if k != "public"}


def test_reading_and_writing_at_one_address_ask_for_two_abilities() -> None:
    for rule in {rule for _, rule, _ in ROUTES}:
        reading = {ability for method, at, ability in ROUTES if at == rule and method in SAFE}
        writing = {ability for method, at, ability in ROUTES if at == rule and method not in SAFE}
        assert not (reading & writing) - {"public"}, rule


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_whom_the_gates_let_in_and_whom_not(role: Role, world: World, signed_in_as: Any) -> None:
    member = world.member(role)
    browser = signed_in_as(member)
    faults: list[str] = []

    def expect(good: bool, method: str, url: str, what: str, answer: TestResponse) -> None:
        if not good:
            faults.append(f"{method} {url} as {role}: {what}, got {answer.status_code}")

    def foreign_and_unknown(method: str, rule: str) -> None:
        answers = []
        for what, id in (("foreign", world.foreign(kind_of(rule), member)), ("unknown", uuid.uuid4())):
            if what == "foreign" and (kind_of(rule), role.value) in KNOWN_BY_ALL:
                continue
            url = address(rule, id, world.sides[0]["positions"].public_id)
            answer = enter(browser, method, rule, url)
            expect(answer.status_code == 404, method, rule, f"{what} should be not found", answer)
            answers.append(stripped(answer))
        expect(len(set(answers)) == 1, method, rule, "foreign and unknown should answer alike", answer)

    known = everything()
    for method, rule, ability in [one for one in ROUTES if one[0] in SAFE]:
        may = role.value in WHO[ability]
        id = world.own(kind_of(rule), member) if "<uuid:id>" in rule else None
        answer = enter(browser, method, rule, address(rule, id, world.sides[0]["positions"].public_id), plainly=not may)
        if answer.mimetype == "text/html" and answer.status_code == 200:
            try:
                check_html(answer.get_data(as_text=True))
            except AssertionError as bad:
                faults.append(f"{method} {rule} as {role}: {bad}")
        if rule in HIDDEN_HERE:
            expect(answer.status_code == 404, method, rule, "hidden here", answer)
        elif may:
            expect(answer.status_code in (200, 302, 303), method, rule, "should be let in", answer)
            if "<uuid:id>" in rule:
                foreign_and_unknown(method, rule)
        else:
            expect(answer.status_code == 403, method, rule, "should be forbidden", answer)
    assert changed(known) == [], f"GET changed tables as {role}"

    writes = sorted((one for one in ROUTES if one[0] not in SAFE), key=lambda one: one[1] in LAST)
    known = everything()
    for method, rule, ability in writes:
        may = role.value in WHO[ability]
        if not may:
            id = world.own(kind_of(rule), member) if "<uuid:id>" in rule else None
            answer = enter(browser, method, rule, address(rule, id), plainly=True)
            expect(answer.status_code == 403, method, rule, "should be forbidden", answer)
        elif "<uuid:id>" in rule:
            foreign_and_unknown(method, rule)
    assert changed(known) in ([], ["sent_forms"]), f"a refused step changed tables as {role}"

    for method, rule, ability in writes:
        if role.value not in WHO[ability]:
            continue
        url = address(rule, world.own(kind_of(rule), member) if "<uuid:id>" in rule else None)
        named = FIELDS.get(rule)
        fields = {named: str(member.public_id if named == "membership" else world.sides[0]["positions"].public_id)} if named else {}
        answer = enter(browser, method, rule, url, fields)
        if rule in HIDDEN_HERE:
            expect(answer.status_code == 404, method, rule, "hidden here", answer)
        else:
            expect(answer.status_code < 500 and answer.status_code not in (401, 403, 404, 405), method, rule, "should be let in", answer)
        if rule in LAST:
            db.session.expire(member)
            member.role, member.state = role.value, "active"  # handed over or left: as before
            db.session.commit()
            browser = signed_in_as(member)
    assert not faults, "\n".join(faults)


def nobody(kind: str, world: World, signed_in_as: Any, anonymous: Browser) -> Browser:
    if kind == "anonymous":
        return anonymous
    member = world.member(Role.ZONE_HEAD)
    browser: Browser = signed_in_as(member)
    assert browser.get("/account").status_code == 200
    if kind == "suspended":
        member.state = "suspended"
    elif kind == "of a suspended organisation":
        member.tenant.state = "suspended"
    elif kind == "signed out":
        browser.post("/sign-out")
        return browser
    else:
        db.session.execute(sa.update(SignIn).values(created_at=clock.now() - timedelta(hours=12, seconds=1)))
    db.session.commit()
    return browser


@pytest.mark.parametrize("kind", ["anonymous", "suspended", "of a suspended organisation", "signed out", "ended"])
def test_without_a_living_session_only_the_public_is_open(kind: str, world: World, signed_in_as: Any, anonymous: Browser) -> None:
    browser = nobody(kind, world, signed_in_as, anonymous)
    member, known, faults = world.member(Role.COLLEGE_HEAD), None, []
    db.session.commit()
    known = everything()
    for method, rule, ability in ROUTES:
        if ability == "public":
            continue
        for id in [world.own(kind_of(rule), member), uuid.uuid4()] if "<uuid:id>" in rule and kind_of(rule) != "colleagues" else [uuid.uuid4()]:
            answer = enter(browser, method, rule, address(rule, id))
            sent_away = answer.status_code == 302 and "/sign-in" in answer.headers["Location"]
            if not (answer.status_code == 401 or (method in SAFE and not rule.startswith("/api/") and sent_away)):
                faults.append(f"{method} {rule}: {answer.status_code}")
    assert not faults, "\n".join(faults)
    assert changed(known) == []


@pytest.fixture
def head(world: World, signed_in_as: Any) -> Browser:
    browser: Browser = signed_in_as(world.member(Role.ENTERPRISE_HEAD))
    return browser


def test_no_unsafe_step_is_taken_without_its_token_or_with_anothers(head: Browser, world: World, signed_in_as: Any) -> None:
    other = signed_in_as(world.member(Role.COLLEGE_HEAD)).csrf()
    db.session.commit()
    known, faults = everything(), []
    for method, rule, _ in ROUTES:
        if method in SAFE:
            continue
        url = address(rule, world.sides[0]["positions"].public_id if "<uuid:id>" in rule else None)
        plain = {"Accept": "application/json"}
        tries: tuple[tuple[str, dict[str, Any]], ...] = (
            ("without", {"data": {"a": "1"}, "headers": plain}),
            ("with another's", {"json": {"a": 1}, "headers": {"X-CSRFToken": other, **plain}}),
            ("with a made-up", {"data": b"a=1", "content_type": "text/plain", "headers": {"X-CSRFToken": "x", **plain}}),
        )
        for what, sent in tries:
            answer = head.client.open(url, method=method, **sent)
            if answer.status_code != 400:
                faults.append(f"{method} {rule} {what} token: {answer.status_code}")
    assert not faults, "\n".join(faults)
    assert changed(known) == []
