"""The tests' world is written without the commands; it must be what they would have made of it."""

from sqlmodel import select

from bpmn.bundle import SHIPPED, Bundle
from db.tables import ProcessFile, ProcessVersion
from services.process_library import publish


def test_the_models_of_the_world_are_what_publishing_stores(world):
    with world.sessions() as session:
        stored = {version.key: version for version in session.exec(select(ProcessVersion)).all()}
        assert set(stored) == set(SHIPPED)
        for key in SHIPPED:
            bundle = Bundle.shipped(key)
            version = publish(session, bundle, published_at=world.clock.now(), published_by=None)
            assert version == stored[key] and version.version == 1
            files = session.exec(select(ProcessFile).where(ProcessFile.version_id == version.id)).all()
            assert {file.path: file.content for file in files} == bundle.files
