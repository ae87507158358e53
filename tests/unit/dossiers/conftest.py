"""One renderer for all tests of documents: starting its processes takes longer than drawing."""

from collections.abc import Iterator

import pytest

from dossiers.rendering import Renderer


@pytest.fixture(scope="session")
def drawing() -> Iterator[Renderer]:
    renderer = Renderer(processes=1)
    yield renderer
    renderer.close()
