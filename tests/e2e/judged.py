"""A small evaluated year beside the demonstration's city: an office of its own, units, and people who sign in."""

from datetime import date
from uuid import UUID

from sqlmodel import Session, select

from db.tables import Person, Unit, UnitMember
from domain.permissions import Role
from services.evaluations import OpenEvaluation
from tests.e2e.site import Site
from tests.evaluation_world import Evaluating, add_lights, by
from tests.world import World, add_person

OFFICE, LEADS, CO_UNITS = "东湾联席办", ("市试甲局", "市试乙局"), ("市试子局", "市试丑局", "市试寅局")
OFFICE_ROLES = (Role.UNIT_LEADER, Role.OFFICE_STAFF, Role.CONVENER)


def small_world(site: Site) -> World:
    """An office, two leads and three co-units in the city's database, with people in every role."""
    with site.sessions() as session:
        office = _unit(session, OFFICE, "office")
        leads = tuple(_unit(session, name, "department") for name in LEADS)
        co_units = tuple(_unit(session, name, "district") for name in CO_UNITS)
        people = {
            (unit_id, role): add_person(session, site.clock, unit_id, role)
            for unit_id in (office, *leads, *co_units)
            for role in (OFFICE_ROLES if unit_id == office else (Role.UNIT_LEADER, Role.LIAISON))
        }
        session.commit()
    return World(site.container.executor, site.clock, site.sessions, office, leads, co_units, people)


def _unit(session: Session, name: str, kind: str) -> UUID:
    unit = Unit(official_name=name, short_name=name, kind=kind)
    session.add(unit)
    session.flush()
    return unit.id


def joins(site: Site, name: str, unit_id: UUID, *roles: Role) -> None:
    """A person of the city, by name, takes roles in a unit of the small world too."""
    with site.sessions() as session:
        person = session.exec(select(Person).where(Person.name == name)).one()
        for role in roles:
            session.add(UnitMember(person_id=person.id, unit_id=unit_id, role=role, valid_from=date(2026, 1, 1)))
        session.commit()


def evaluated(world: World) -> Evaluating:
    """The first lead finishes in time, the second does not and has a red light; both share with two districts."""
    done = world.item(leads=1, co_units=2, text="推动口岸数据共享", deadlines=(by(date(2026, 12, 31)),))
    world.to_progress(done)
    world.to_review(done)
    world.to_end(done)
    world.leads = world.leads[::-1]
    failed = world.item(leads=1, co_units=2, text="建立跨境结算便利机制", deadlines=(by(date(2026, 11, 30)),))
    world.to_progress(failed)
    world.leads = world.leads[::-1]
    add_lights(world, failed, {"2026-11": "red"})
    command = OpenEvaluation(office_unit_id=world.office, first_day=date(2026, 1, 1), last_day=date(2026, 12, 31))
    return Evaluating(world, world.do(command, world.clerk))
