"""A believable history after the first run: people save, apply, invite, offer, accept and decline, all through the real services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from consortium.accounts.models import Membership
from consortium.applications import queries as applications_queries
from consortium.applications import service as applications
from consortium.applications.models import Application
from consortium.applications.rules import ENTERPRISE_REASONS, STUDENT_REASONS
from consortium.applications.service import enterprise
from consortium.demonstration.dice import Dice
from consortium.interviews import queries as interview_queries
from consortium.interviews import service as interviews
from consortium.organisations import queries as organisations
from consortium.positions import queries as positions
from consortium.positions import service as posting
from consortium.positions.models import Position
from consortium.proposals import queries as proposals
from consortium.proposals import service as choices
from consortium.shared import clock
from consortium.shared.access import Actor, Role
from consortium.shared.db import db
from consortium.shared.errors import ConsortiumError
from consortium.skills import service as skills
from consortium.students.models import Student

STUDENTS = 80  # who already did something; the others only look so far
PLOTS = {
    "waits": 24, "offered": 20, "accepted": 26, "declined by the student": 8, "turned down": 8, "withdrawn": 4, "invited": 10, "agreed": 6, "only saved": 14,
}  # fmt: skip


def play(seed: int) -> dict[str, int]:
    """Play it and commit; returns how many applications by state, and how many choices."""
    dice = Dice(seed, "history")
    told: Counter[str] = Counter()
    people = _with_account()
    for turn, student_id in enumerate([people[0], *dice.sample(people[1:], min(STUDENTS, len(people) - 1))]):
        try:
            _first(student_id) if turn == 0 else _story(dice, student_id, dice.weighted(PLOTS))
            db.session.commit()
        except ConsortiumError:  # a rule, a full post, a closed one: as in life, that story ends here
            db.session.rollback()
            told["stopped by a rule"] += 1
    for turn, position in enumerate(_of_first_firm()):
        try:
            _candidates_come(dice, position)
            if turn == 0:
                _interviews_begin(position)
            db.session.commit()
        except ConsortiumError:
            db.session.rollback()
    try:
        _a_template_and_a_question()
        db.session.commit()
    except ConsortiumError:
        db.session.rollback()
    found = db.session.execute(sa.select(Application.state, sa.func.count()).group_by(Application.state).order_by(Application.state))
    return {f"applications {state}": count for state, count in found} | dict(told)


def _of_first_firm() -> list[Position]:
    """Open posts of the firm to enter as: the first to have a recruiter."""
    first = db.session.scalar(sa.select(Membership.tenant_id).where(Membership.role == Role.ENTERPRISE_HEAD.value).order_by(Membership.id))
    return list(db.session.scalars(sa.select(Position).where(Position.tenant_id == first, Position.state == "open").order_by(Position.id).limit(5)))


def _a_template_and_a_question() -> None:
    """The first firm keeps a post as a template, and asks a college to let a draft of many places pass its share."""
    post = next(iter(_of_first_firm()), None)
    college = next(iter(organisations.colleges_by_name()), None)
    if post is None or college is None:
        return
    firm = _firm(post)
    posting.keep_template(post, f"{post.title}（常用）", by=firm)
    if post.kind == "internship":
        draft = posting.copied(post, by=firm)
        days = {"start_on": post.start_on, "end_on": post.end_on, "places": 200}
        posting.edit(draft, posting.as_values(draft) | days, by=firm)
        posting.ask_override(draft, college[0], "新产线投产，需要一个班整体轮岗实习，已配足师傅和宿舍。", by=firm)


def _candidates_come(dice: Dice, position: Position) -> None:
    """Two of the best candidates apply, one more is invited: the recruiter has something to answer."""
    known = {match.student_id for match in proposals.matches_of_position(position)[:40]}
    asked = set(db.session.scalars(sa.select(Application.student_id).where(Application.student_id.in_(known))))
    able = [
        student
        for student in db.session.scalars(sa.select(Student).where(Student.id.in_(known - asked), Student.person_id.is_not(None)).order_by(Student.id))
        if student.person_id
    ]
    for turn, student in enumerate(dice.some(able, 3, 3)):
        if turn < 2:
            applications.apply(student, position, by=_student(student))
        else:
            applications.invite(student, position, by=_firm(position))


def _interviews_begin(position: Position) -> None:
    """Four times in a few days, the applicants asked, one of them agreed, and a note about her: the board has something on it."""
    firm = _firm(position)
    first = clock.local(clock.now() + timedelta(days=4)).replace(hour=14, minute=0, second=0, microsecond=0)
    interviews.add_slots(position, {"starts_at": first, "minutes": 30, "places": 1, "place": "行政楼三楼会议室", "link": "", "times": 4}, by=firm)
    waiting = db.session.scalars(sa.select(Application).where(Application.position_id == position.id, Application.state == "applied").order_by(Application.id).limit(3))
    for turn, one in enumerate(interviews.ask(list(waiting), by=firm, note="请带学生证，到门岗报岗位名称。").done):
        if turn == 0:
            interviews.pick(one, interview_queries.free_slots(position.id)[0], by=_student(one.application.student))
            enterprise.add_note(position, one.application.student, "电气识图基础好，面试时请让她读一张图。", by=firm)


def _with_account() -> list[int]:
    """Students who may act: signed up, enrolled, with something to choose from; the door to enter by comes first."""
    run = proposals.latest_run()
    if run is None:
        return []
    found = db.session.scalars(
        sa.select(Student.id)
        .join(Membership, sa.and_(Membership.person_id == Student.person_id, Membership.role == Role.STUDENT.value))
        .where(Student.state == "enrolled")
        .order_by(Membership.id)
    )
    return list(found)


def _first(student_id: int) -> None:
    """The student to enter as: one offer to answer, one application that waits, one invitation, one post saved; nothing decided yet."""
    student = db.session.get_one(Student, student_id)
    me = _student(student)
    offered = False
    for turn, position in enumerate(_matched(student, 6)):
        firm = _firm(position)
        if turn in (0, 1):
            application = applications.apply(student, position, by=me, note="实训课做过类似的工作，希望来学习。" if turn == 0 else "")
            if not offered:
                applications.offer(application.student, position, by=firm, note="欢迎加入，宿舍已安排。")
                offered = True
        elif turn == 2:
            applications.invite(student, position, by=firm)
        elif turn == 3:
            choices.note_choice(student.id, position.id, "saved", by=me)
    choices.keep_search(student, "高新区里适合我的实习", {"kind": "internship", "fits": "yes"}, by=me)
    skills.propose(me, "skill", "数字孪生建模", said="产线仿真课上学过，岗位里也见过。")


def _story(dice: Dice, student_id: int, plot: str) -> None:
    student = db.session.get_one(Student, student_id)
    me = _student(student)
    best = _matched(student, 12)
    if not best:
        return
    for position in dice.some(best, 0, 3):
        choices.note_choice(student.id, position.id, dice.weighted({"saved": 3, "hidden": 1}), by=me)
    position = best[min(int(dice.expovariate(0.5)), len(best) - 1)]
    firm = _firm(position)
    notes = ("", "", "老师好，我想申请这个岗位。", "专业对口，可以随时到岗。", "周末可以面谈。")
    if plot in ("invited", "agreed"):
        application = applications.invite(student, position, by=firm)
        if plot == "agreed":
            applications.agree_to_invitation(application, by=me)
        return
    if plot == "only saved":
        return
    application = applications.apply(student, position, by=me, note=dice.choice(notes))
    if dice.chance(0.4) and len(best) > 1:
        second = dice.choice([one for one in best if one.id != position.id])
        applications.apply(student, second, by=me)
    ends: dict[str, Callable[[], Any]] = {
        "turned down": lambda: applications.decline(application, by=firm, reason=dice.choice(ENTERPRISE_REASONS)),
        "withdrawn": lambda: applications.withdraw(application, by=me),
    }
    if plot in ends:
        ends[plot]()
    elif plot != "waits":
        applications.offer(student, position, by=firm)
        application = applications_queries.between(student.id, position.id) or application
        if plot == "accepted":
            applications.accept(application, by=me)
        elif plot == "declined by the student":
            applications.decline(application, by=me, reason=dice.choice(STUDENT_REASONS))


def _matched(student: Student, most: int) -> list[Position]:
    """The student's best posts, best first."""
    numbers = [match.position_id for match in proposals.matches_of_student(student)[:most]]
    known = positions.by_ids(numbers)
    return [known[number] for number in numbers if number in known]


def _student(student: Student) -> Actor:
    return db.session.scalars(sa.select(Membership).where(Membership.person_id == student.person_id, Membership.tenant_id == student.tenant_id)).one().actor()


def _firm(position: Position) -> Actor:
    heads = sa.select(Membership).where(Membership.tenant_id == position.tenant_id, Membership.role == Role.ENTERPRISE_HEAD.value)
    return db.session.scalars(heads.order_by(Membership.id)).first().actor()  # type: ignore[union-attr]
