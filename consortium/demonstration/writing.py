"""How people write: postings by several hands, wishes and self-descriptions by others; the same facts in different words."""

from __future__ import annotations

from dataclasses import dataclass

from consortium.demonstration.dice import Dice
from consortium.demonstration.works import Work


@dataclass(frozen=True, slots=True)
class Told:
    """The facts of a post that its words may mention."""

    firm: str
    work: Work
    title: str
    kind: str  # internship | job
    yuan: int
    board: bool
    lodging: bool
    shifts: bool
    skills: tuple[str, ...]  # names, most wanted first
    certificates: tuple[str, ...]
    majors: str
    place: str


def posting(dice: Dice, told: Told) -> str:
    """The duties of a post as one of six hands would write them."""
    hands = {_numbered: 28, _flowing: 18, _blunt: 18, _recruiter: 16, _careless: 12, _mixed: 8}
    return dice.weighted(hands)(dice, told)


def _numbered(dice: Dice, told: Told) -> str:
    duties = dice.some(told.work.duties.split(), 3, 6)
    asks = [f"{told.majors}等相关专业"] if told.majors else []
    asks += [dice.choice(("熟悉{}", "了解{}", "会{}", "有{}基础")).format(one) for one in told.skills]
    asks += [f"持有{one}者优先" for one in told.certificates]
    asks.append(dice.choice(("工作细心，服从安排", "能吃苦耐劳，有团队精神", "学习能力强", "沟通良好，有责任心")))
    return "\n".join(
        ["岗位职责："] + [f"{n}、{text}；" for n, text in enumerate(duties, 1)]
        + [dice.choice(("任职要求：", "岗位要求："))] + [f"{n}、{text}；" for n, text in enumerate(asks, 1)]
        + ([_benefits(dice, told)] if dice.chance(0.6) else [])
    )  # fmt: skip


def _flowing(dice: Dice, told: Told) -> str:
    duties = dice.some(told.work.duties.split(), 3, 5)
    who = dice.choice(("实习期间", "入职后", "在带教师傅指导下", "本岗位人员"))
    asks = f"希望你{dice.choice(('掌握', '接触过', '学过'))}{'、'.join(told.skills)}。" if told.skills else "无经验也可以，我们安排师傅带。"
    return f"{told.firm}{told.work.family}岗位。{who}主要{'，'.join(duties)}。{asks}{_benefits(dice, told)}"


def _blunt(dice: Dice, told: Told) -> str:
    duties = dice.some(told.work.duties.split(), 1, 3)
    asks = f"会{'或者'.join(told.skills[:2])}最好。" if told.skills and dice.chance(0.7) else ""
    return f"招{told.title}，{'，'.join(duties)}。{asks}跟师傅学，{_benefits(dice, told)}"


def _recruiter(dice: Dice, told: Told) -> str:
    duties = dice.some(told.work.duties.split(), 3, 5)
    points = "\n".join(f"· {text}" for text in duties)
    strengths = "\n".join(f"· {one}" for one in (*told.skills, *told.certificates)) or "· 认真、好学"
    return f"【加入我们】{told.firm}位于{told.place}，诚邀{told.majors or '各专业'}同学加入。\n【你将负责】\n{points}\n【我们期待】\n{strengths}\n【福利】{_benefits(dice, told)}"


def _careless(dice: Dice, told: Told) -> str:
    duties = dice.some(told.work.duties.split(), 2, 4)
    return f"{told.title} " + " ".join(duties) + (f"  要{' '.join(told.skills[:2])}" if told.skills else "") + f" {told.yuan}左右 " + ("包住" if told.lodging else "")


def _mixed(dice: Dice, told: Told) -> str:
    duties = dice.some(told.work.duties.split(), 2, 4)
    skills = " / ".join(told.skills) or "learning by doing"
    return f"Main duties 主要工作：{'；'.join(duties)}。\nWe look for 要求：{skills}。\n{_benefits(dice, told)}"


def _benefits(dice: Dice, told: Told) -> str:
    parts = [dice.choice((f"每月{told.yuan}元", f"补贴{told.yuan}元/月", f"综合{told.yuan}"))]
    if told.board and told.lodging:
        parts.append(dice.choice(("包吃住", "提供食宿", "有食堂和宿舍")))
    elif told.board:
        parts.append("有工作餐")
    elif told.lodging:
        parts.append("提供住宿")
    if told.shifts:
        parts.append(dice.choice(("两班倒", "需要倒班", "早晚班轮换")))
    elif dice.chance(0.4):
        parts.append(dice.choice(("长白班", "双休", "朝八晚五半")))
    if told.kind == "job" and dice.chance(0.5):
        parts.append("五险一金")
    return "，".join(parts) + "。"


# ── students ─────────────────────────────────────────────────────────────────────────────────────


def wish(dice: Dice, titles: list[str], families: list[str], place: str) -> str:
    """What a student would like to do, as various people put it; sometimes nothing."""
    title, family, other = dice.choice(titles), dice.choice(families), dice.choice(families)
    either = f"{family}或者{other}" if other != family else f"{family}相关"
    return dice.weighted(
        {
            family: 22, title: 18, f"想做{family}方面的工作": 14, either: 12, f"希望在{place}找{family}实习": 8,
            f"{family}，最好是长白班": 6, f"想学技术，{family}都可以": 6, "跟专业对口就行": 5, "还没想好": 2, "都可以": 2, "": 5,
        }
    )  # fmt: skip


def about(dice: Dice, skills: list[str], courses: list[str], tasks: list[str], major: str) -> str:
    """What a student says of himself or herself."""
    if dice.chance(0.12):
        return ""
    skill = dice.choice(skills) if skills else "基础操作"
    course = dice.choice(courses) if courses else major
    task = dice.choice(tasks)
    hands = (
        f"学过{course}，实训课做过{task}，会{skill}。",
        f"本人性格开朗，学习认真，{major}专业，熟悉{'、'.join(skills[:3]) or '专业基础'}，参加过校内{course}实训，能吃苦。",
        f"动手能力还可以，{skill}用得比较多，{task}也练过，想多学点东西",
        f"在学校参加过技能竞赛（{dice.choice(('校级', '市级', '省级选拔'))}），项目与{skill}有关，负责{task}。",
        f"暑假在{dice.choice(('东莞', '佛山', '清远', '广州'))}的工厂做过两个月，干的是{task}。{course}成绩{dice.choice(('中等', '良好', '优秀'))}。",
        f"{'、'.join(courses[:2]) or major}学得不错；{skill}：能独立完成一般任务。",
    )
    return dice.choice(hands)
