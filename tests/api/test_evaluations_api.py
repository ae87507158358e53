"""Evaluations over the API: opened, drafted, refused with the sum, and a sheet that its unit alone may open."""

from uuid import UUID

import pytest

from services.evaluations import shipped_scheme
from tests.evaluation_world import evaluated_year


@pytest.fixture
def year(city):
    return evaluated_year(city)


def test_something(client):
    pass
