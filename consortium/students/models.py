"""Tables of classes, students, what they can, and what they agreed to."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consortium.accounts.models import Tenant
from consortium.shared import clock
from consortium.shared.db import Base, Instant, Json, Row, Versioned
from consortium.shared.holdings import KEEP, STUDENT, aside, hold
from consortium.skills.models import Skill


class SchoolClass(Row, Base):
    """A class of one major and cohort, with the adviser who looks after it."""

    __tablename__ = "school_classes"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "name"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "adviser_id"], ["memberships.tenant_id", "memberships.id"]),
    )

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    major_code: Mapped[str] = mapped_column(sa.String(10), default="")
    adviser_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    cohort: Mapped[int | None] = mapped_column(sa.SmallInteger())  # year of enrolment (级)


class Student(Row, Versioned, Base):
    """A student of one college: the register's facts, and the wishes the student keeps."""

    __tablename__ = "students"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "student_no"),
        sa.UniqueConstraint("tenant_id", "identity_hash"),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "class_id"], ["school_classes.tenant_id", "school_classes.id"]),
        sa.Index("ix_students_tenant_id_state", "tenant_id", "state"),
    )

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"), unique=True)
    class_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    student_no: Mapped[str] = mapped_column(sa.String(30))
    name: Mapped[str] = mapped_column(sa.String(80))
    sex: Mapped[str] = mapped_column(sa.String(1), default="")  # F, M or not said; used by rule R20 alone
    birth_on: Mapped[date | None]
    identity_sealed: Mapped[str | None] = mapped_column(sa.String(200))
    identity_hash: Mapped[str | None] = mapped_column(sa.String(64))
    identity_tail: Mapped[str] = mapped_column(sa.String(30), default="")  # masked, for lists
    phone: Mapped[str] = mapped_column(sa.String(20), default="")
    email: Mapped[str] = mapped_column(sa.String(160), default="")
    level: Mapped[str] = mapped_column(sa.String(20), default="")  # 中职 高职专科 高职本科
    major_code: Mapped[str] = mapped_column(sa.String(10), default="", index=True)
    enrolled_on: Mapped[date | None]
    stage_from: Mapped[date | None]  # 3+2 and five-year programmes: when the college stage began (R17)
    graduates_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(sa.String(20), default="enrolled")  # see `lifecycle`; erased is a shell for counts
    state_on: Mapped[date | None]  # since when
    guardian_name: Mapped[str] = mapped_column(sa.String(80), default="")
    guardian_phone: Mapped[str] = mapped_column(sa.String(20), default="")
    courses: Mapped[str] = mapped_column(sa.String(1000), default="")
    # what the student keeps
    wish: Mapped[str] = mapped_column(sa.String(200), default="")
    about: Mapped[str] = mapped_column(sa.String(2000), default="")
    wants_internship: Mapped[bool | None]
    wants_job: Mapped[bool | None]
    wants_zone: Mapped[bool | None]
    shift_ok: Mapped[bool | None]
    available_from: Mapped[date | None]
    available_until: Mapped[date | None]
    least_pay_fen: Mapped[int | None]
    places: Mapped[list[str]] = mapped_column(Json, default=list)  # division codes; empty: anywhere
    industries: Mapped[list[str]] = mapped_column(Json, default=list)  # leading industries of the zone; empty: any
    withheld: Mapped[list[str]] = mapped_column(Json, default=list)  # parts of the profile that firms see only after acceptance
    own_edits: Mapped[list[str]] = mapped_column(Json, default=list)  # fields the student changed: imports leave them
    changed_at: Mapped[datetime | None] = mapped_column(Instant(), onupdate=clock.now, index=True)  # skills too: what a run read before is old
    welcomed_at: Mapped[datetime | None] = mapped_column(Instant())  # went through the first steps, or put them off
    objected_at: Mapped[datetime | None] = mapped_column(Instant())  # to being matched automatically: in no run since
    tenant: Mapped[Tenant] = relationship()
    school_class: Mapped[SchoolClass | None] = relationship(
        primaryjoin="and_(Student.class_id == SchoolClass.id, Student.tenant_id == SchoolClass.tenant_id)",
        foreign_keys="Student.class_id",
        viewonly=True,
    )
    skills: Mapped[list[StudentSkill]] = relationship(back_populates="student", cascade="all, delete-orphan")
    consents: Mapped[list[Consent]] = relationship(back_populates="student")


class StudentSkill(Row, Base):
    """A skill or certificate that a student has, and who says so."""

    __tablename__ = "student_skills"
    __table_args__ = (sa.UniqueConstraint("student_id", "skill_id"),)

    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"))
    skill_id: Mapped[int] = mapped_column(sa.ForeignKey("skills.id"), index=True)
    level: Mapped[int] = mapped_column(sa.SmallInteger(), default=2)  # 1 beginner … 4 expert
    source: Mapped[str] = mapped_column(sa.String(20), default="college")  # college | student
    since_on: Mapped[date | None]
    student: Mapped[Student] = relationship(back_populates="skills")
    skill: Mapped[Skill] = relationship()
    evidence: Mapped[Evidence | None] = relationship(back_populates="held", cascade="all, delete-orphan", lazy="joined")


class Evidence(Row, Versioned, Base):
    """The paper behind a certificate: the file a student sent, and what the college found on looking at it."""

    __tablename__ = "certificate_evidence"
    __table_args__ = (sa.CheckConstraint("state IN ('submitted','verified','refused')", name="state"),)

    student_skill_id: Mapped[int] = mapped_column(sa.ForeignKey("student_skills.id"), unique=True)
    college_tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"), index=True)
    state: Mapped[str] = mapped_column(sa.String(20), default="submitted")  # submitted verified refused
    filename: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[str] = mapped_column(sa.String(10))  # pdf png jpg
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int]
    sealed_content: Mapped[bytes] = mapped_column(sa.LargeBinary(), deferred=True)
    reason: Mapped[str] = mapped_column(sa.String(300), default="")  # why it was refused
    decided_at: Mapped[datetime | None] = mapped_column(Instant())
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))
    held: Mapped[StudentSkill] = relationship(back_populates="evidence")


class Consent(Row, Base):
    """Agreement of one party to one purpose in one version of its words; withdrawn, never deleted."""

    __tablename__ = "consents"
    __table_args__ = (
        sa.Index(
            "uq_consents_live",
            "student_id",
            "purpose",
            "given_by",
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
    )

    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"), index=True)
    purpose: Mapped[str] = mapped_column(sa.String(30))  # see rules.PURPOSES
    version: Mapped[str] = mapped_column(sa.String(20))
    given_by: Mapped[str] = mapped_column(sa.String(20))  # student | guardian
    given_at: Mapped[datetime] = mapped_column(Instant())
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant())
    evidence: Mapped[str] = mapped_column(sa.String(200), default="")
    student: Mapped[Student] = relationship(back_populates="consents")


class Destination(Row, Versioned, Base):
    """Where a graduate went, as the national register says."""

    __tablename__ = "destinations"
    __table_args__ = (
        sa.UniqueConstraint("student_id"),
        sa.ForeignKeyConstraint(["tenant_id", "student_id"], ["students.tenant_id", "students.id"]),
    )

    tenant_id: Mapped[int] = mapped_column(sa.BigInteger(), index=True)
    student_id: Mapped[int] = mapped_column(sa.BigInteger())
    destination_kind: Mapped[str] = mapped_column(sa.String(10))  # the register's code
    employer: Mapped[str] = mapped_column(sa.String(120), default="")
    credit_code: Mapped[str] = mapped_column(sa.String(18), default="")
    industry: Mapped[str] = mapped_column(sa.String(80), default="")
    employer_place: Mapped[str] = mapped_column(sa.String(120), default="")
    post: Mapped[str] = mapped_column(sa.String(80), default="")
    occupation: Mapped[str] = mapped_column(sa.String(80), default="")
    begins_on: Mapped[date | None]


class EntryCode(Row, Base):
    """The code that was last sent for one purpose: only its keyed hash, valid for minutes and once."""

    __tablename__ = "entry_codes"

    key: Mapped[str] = mapped_column(sa.String(64), unique=True)  # keyed hash of whom it is for
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    sent_at: Mapped[datetime] = mapped_column(Instant())
    expires_at: Mapped[datetime] = mapped_column(Instant())
    used_at: Mapped[datetime | None] = mapped_column(Instant())


class GuardianLink(Row, Base):
    """A link by which a guardian without an account reads, and signs or declines; only the token's hash is kept."""

    __tablename__ = "guardian_links"

    student_id: Mapped[int] = mapped_column(sa.ForeignKey("students.id"), index=True)
    purposes: Mapped[list[str]] = mapped_column(Json, default=list)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    number_tail: Mapped[str] = mapped_column(sa.String(20), default="")  # masked
    expires_at: Mapped[datetime] = mapped_column(Instant())
    answer: Mapped[str] = mapped_column(sa.String(20), default="")  # signed declined not-mine replaced
    answered_at: Mapped[datetime | None] = mapped_column(Instant())
    signer: Mapped[str] = mapped_column(sa.String(80), default="")
    student: Mapped[Student] = relationship()


class Ticket(Row, Versioned, Base):
    """A question or request to the school, with a clock: cannot sign in, a fact is wrong, a person should look."""

    __tablename__ = "tickets"
    __table_args__ = (
        sa.ForeignKeyConstraint(["tenant_id", "student_id"], ["students.tenant_id", "students.id"]),
        sa.ForeignKeyConstraint(["tenant_id", "class_id"], ["school_classes.tenant_id", "school_classes.id"]),
        sa.Index("ix_tickets_tenant_state", "tenant_id", "state"),
    )

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    student_id: Mapped[int | None] = mapped_column(sa.BigInteger(), index=True)  # unknown where nobody was found
    class_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    kind: Mapped[str] = mapped_column(sa.String(20))  # see rules.TICKETS
    state: Mapped[str] = mapped_column(sa.String(20), default="open")  # open answered refused
    asker: Mapped[str] = mapped_column(sa.String(80), default="")
    asker_no: Mapped[str] = mapped_column(sa.String(30), default="")
    asker_phone: Mapped[str] = mapped_column(sa.String(20), default="")
    about: Mapped[str] = mapped_column(sa.String(30), default="")  # a column of the register
    wanted: Mapped[str] = mapped_column(sa.String(500), default="")
    reason: Mapped[str] = mapped_column(sa.String(1000), default="")
    due_on: Mapped[date]
    answer: Mapped[str] = mapped_column(sa.String(1000), default="")
    answered_at: Mapped[datetime | None] = mapped_column(Instant())
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))
    student: Mapped[Student | None] = relationship(
        primaryjoin="Ticket.student_id == Student.id", foreign_keys="Ticket.student_id", viewonly=True
    )
    school_class: Mapped[SchoolClass | None] = relationship(
        primaryjoin="Ticket.class_id == SchoolClass.id", foreign_keys="Ticket.class_id", viewonly=True
    )


class Erasure(Row, Base):
    """Who was erased, by numbers alone: a restored backup is cleaned by it, and an upload does not bring the person back."""

    __tablename__ = "erasures"

    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenants.id"))
    student_key: Mapped[str] = mapped_column(sa.String(36), unique=True)  # the public id, which nobody's page shows any more
    number_hash: Mapped[str] = mapped_column(sa.String(64), index=True)  # keyed, of college and student number
    asked_by: Mapped[str] = mapped_column(sa.String(20))  # student college retention restore


hold(
    "students", "id", STUDENT, on_erasure=KEEP, hidden={"identity_sealed", "identity_hash"},
    blank={
        "name": "", "sex": "", "birth_on": None, "identity_sealed": None, "identity_hash": None, "identity_tail": "", "phone": "", "email": "",
        "guardian_name": "", "guardian_phone": "", "courses": "", "wish": "", "about": "", "wants_internship": None, "wants_job": None, "wants_zone": None,
        "shift_ok": None, "available_from": None, "available_until": None, "least_pay_fen": None, "places": [], "own_edits": [], "person_id": None,
        "welcomed_at": None, "objected_at": None, "withheld": [], "industries": [],
    },
    stays={"student_no", "class_id", "level", "major_code", "enrolled_on", "stage_from", "graduates_on", "state", "state_on", "changed_at", "created_at", "public_id"},
)  # fmt: skip
hold("student_skills", "student_id", STUDENT)
hold("certificate_evidence", "student_skill_id", STUDENT, parent="student_skills", hidden={"sha256", "sealed_content", "decided_by_id"})
hold(
    "destinations", "student_id", STUDENT, on_erasure=KEEP, blank={"employer": "", "credit_code": "", "post": ""},
    stays={"student_id", "destination_kind", "industry", "employer_place", "occupation", "begins_on", "created_at", "public_id"},
)  # fmt: skip
hold("consents", "student_id", STUDENT, on_erasure=KEEP, blank={"evidence": ""}, stays={"student_id", "purpose", "version", "given_by", "given_at", "withdrawn_at", "created_at", "public_id"})
hold("guardian_links", "student_id", STUDENT, hidden={"token_hash"})
hold("tickets", "student_id", STUDENT)
aside({"school_classes"}, "who looks after a class")
