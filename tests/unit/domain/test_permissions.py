from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RolesMixed
from domain.permissions import (
    ADMINISTRATORS,
    BUSINESS,
    GRANTS,
    OPERATOR,
    SCHEDULER,
    Actor,
    Membership,
    Permission,
    Role,
    check_separation,
    is_allowed,
)

HOME, ELSEWHERE = uuid4(), uuid4()


def person(*roles, unit=HOME):
    return Actor(id=uuid4(), name="somebody", memberships=frozenset(Membership(unit, role) for role in roles))


@given(role=st.sampled_from(sorted(BUSINESS)), permission=st.sampled_from(list(Permission)))
def test_a_business_role_reaches_only_its_own_unit(role, permission):
    actor = person(role)
    assert is_allowed(actor, permission, unit_id=HOME) == (permission in GRANTS[role])
    assert not is_allowed(actor, permission, unit_id=ELSEWHERE)


@given(role=st.sampled_from(sorted(ADMINISTRATORS)), permission=st.sampled_from(list(Permission)))
def test_no_administrator_touches_an_item(role, permission):
    if permission.split(":")[0] in {"item", "work_item", "list", "flag", "round", "evidence"}:
        assert not is_allowed(person(role), permission, unit_id=HOME)


def test_nobody_without_a_role_may_do_anything():
    assert not any(is_allowed(person(), permission) for permission in Permission)


def test_operator_and_scheduler_do_no_business():
    for actor in (OPERATOR, SCHEDULER):
        assert not is_allowed(actor, Permission.WORK_ITEM_COMPLETE, unit_id=HOME)
        assert not is_allowed(actor, Permission.LIST_APPROVE, unit_id=HOME)


@pytest.mark.parametrize("roles", [{Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN}, {Role.SECURITY_ADMIN, Role.LIAISON}])
def test_administrators_are_kept_apart(roles):
    with pytest.raises(RolesMixed):
        check_separation(roles)


def test_business_roles_may_be_held_together():
    check_separation({Role.LIAISON, Role.UNIT_LEADER})
