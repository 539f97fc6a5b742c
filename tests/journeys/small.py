"""A small consortium for the journeys: three enterprises, two colleges, sixty students, a zone, a bureau, and one run."""

from __future__ import annotations

from datetime import timedelta

from consortium.accounts.models import Membership
from consortium.organisations.models import BureauReach
from consortium.shared import clock
from consortium.shared.access import Role, TenantKind
from consortium.shared.db import db
from tests import builders

NAMES = ["陈嘉怡", "李文杰", "黄梓轩", "何思琪", "梁浩然", "吴雨桐", "周俊熙", "郑可欣", "谢子豪", "罗诗雅"]


def build() -> None:
    """Everything, committed; memberships are found again by login."""
    zone = builders.a_tenant(TenantKind.ZONE, name_zh="清远高新区产教联合体", name_en="Qingyuan High-tech Zone consortium")
    _person("zone", "区长青", Role.ZONE_HEAD, zone)
    skills = [builders.a_skill(zh, kind, name_en=en, code=code) for zh, en, kind, code in (
        ("PLC 编程", "PLC programming", "skill", "plc"), ("电气识图", "Electrical drawings", "skill", "drawings"),
        ("设备点检", "Equipment checks", "skill", "checks"), ("低压电工证", "Low-voltage electrician's certificate", "certificate", "electrician"),
    )]  # fmt: skip
    firms = []
    for n, (zh, en, industry) in enumerate((
        ("清远恒岳装备有限公司", "Hengyue Equipment", "3441"), ("清远澄光电子有限公司", "Chengguang Electronics", "3982"), ("清远北江新材料有限公司", "Beijiang Materials", "3252"),
    ), 1):  # fmt: skip
        tenant = builders.a_tenant(TenantKind.ENTERPRISE, name_zh=zh, name_en=en)
        firm = builders.an_enterprise(tenant=tenant, industry_code=industry, staff=180)
        _person(f"firm{n}", f"企业人{n}", Role.ENTERPRISE_HEAD, tenant)
        firms.append((firm, builders.a_family(firm, staff=60, name="设备维修")))
    colleges = []
    for n, (zh, en) in enumerate((("清远岭南职业学院", "Lingnan Vocational College of Qingyuan"), ("清远北江技师学院", "Beijiang Technician College")), 1):
        tenant = builders.a_tenant(TenantKind.COLLEGE, name_zh=zh, name_en=en)
        college = builders.a_college(tenant=tenant)
        _person(f"college{n}", f"教务{n}", Role.COLLEGE_OFFICER, tenant)
        adviser = _person(f"adviser{n}", f"班主任{n}", Role.CLASS_ADVISER, tenant)
        colleges.append((college, builders.a_class(college, name=f"机电2401班{n}", adviser_id=adviser.id)))
    bureau = builders.a_tenant(TenantKind.BUREAU, name_zh="清远市教育局", name_en="Education bureau")
    _person("bureau", "观察员", Role.BUREAU_OBSERVER, bureau)
    for tenant_id in (colleges[0][0].tenant_id, firms[0][0].tenant_id):
        builders.saved(BureauReach(bureau_tenant_id=bureau.id, tenant_id=tenant_id))
    for n in range(60):
        college, its_class = colleges[n % 2]
        student = builders.a_student(college, consented=n % 10 != 9, name=NAMES[n % 10], class_id=its_class.id,
                                     major_code="460301" if n % 3 else "510101", wish="设备维修" if n % 2 else "电气调试")  # fmt: skip
        for k, skill in enumerate(skills):
            if (n + k) % 3 == 0:
                builders.has_skill(student, skill)
        if n < 4:
            membership = builders.a_student_member(student)
            membership.person.login = f"student{n + 1}"
    for n in range(7):
        firm, family = firms[n % 3]
        builders.a_position(firm, places=2, family=family, title=("设备维修技术员", "电气调试员", "产线点检员")[n % 3] + f" {n + 1}", must=(skills[n % 2],),
                            nice=(skills[2],), majors=(("class", "0603"), ("class", "1101")), closes_on=clock.today() + timedelta(days=30))  # fmt: skip
    db.session.commit()
    run()


def run() -> None:
    """A whole run of the matcher, here."""
    from consortium.proposals import service, tasks

    found = service.start("all", by=None, seed=7)
    number = found.id
    db.session.commit()
    tasks.work_here(number)
    db.session.commit()


def _person(login: str, name: str, role: Role, tenant: object) -> Membership:
    return builders.a_membership(role, tenant=tenant, person=builders.a_person(login=login, name=name))  # type: ignore[arg-type]
