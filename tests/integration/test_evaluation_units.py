"""Which units an evaluation ranks, and what a unit puts beside its own score."""

import pytest

from db.tables import Evaluation, IssuedDocument, Unit
from domain.errors import NotFound
from domain.permissions import Role
from services.evaluation_sheets import standings_of, unit_sheets
from services.queries.evidence import evidence_of_item
from services.queries.reading import reading
from tests.evaluation_world import evaluated_year


@pytest.mark.parametrize("kind", ["central_branch", "court", "enterprise"])
def test_who_is_not_the_citys_is_scored_and_shown_and_not_ranked(world, kind):
    branch = world.co_units[0]
    with world.sessions() as session:
        unit = session.get_one(Unit, branch)
        unit.kind, unit.short_name = kind, "市税务局"
        session.add(unit)
        session.commit()
    year = evaluated_year(world)
    year.to_approval()
    year.lock()
    for unit_id in year.units():
        year.score(unit_id)
        year.accept(unit_id)
    year.decide()
    with world.sessions() as session:
        row = session.get_one(Evaluation, year.id)
        found = {each.unit_id: each for each in standings_of(row, unit_sheets(session, row))}
        circular = session.get_one(IssuedDocument, row.circular_id).snapshot
    assert (found[branch].rank, found[branch].grade, found[branch].remark) == (None, None, "shown_only")
    assert found[branch].total > 0
    assert "市税务局" in circular
    assert all(standing.rank is not None for unit_id, standing in found.items() if unit_id != branch)


def test_a_self_score_has_its_evidence_beside_it_which_other_units_do_not_see(world):
    year = evaluated_year(world)
    year.to_approval()
    unit, other = world.leads
    matter = year.unit_item(unit)
    proof = world.evidence(matter, world.actor(unit, Role.LIAISON))
    year.step(unit, "self_score", form={"summary": "全年任务按期推进。"}, evidence_ids=(proof,))
    with reading(world.executor, world.clerk) as asked:
        assert [(each.id, each.step) for each in evidence_of_item(asked, matter)] == [(proof, "self_score")]
    with reading(world.executor, world.actor(other, Role.LIAISON)) as asked, pytest.raises(NotFound):
        evidence_of_item(asked, matter)
