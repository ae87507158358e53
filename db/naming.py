"""What holds for all tables, set before the first: the names of constraints and indexes in migrations and errors."""

from sqlmodel import SQLModel

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

SQLModel.metadata.naming_convention = CONVENTION
# A table's rows are not validated by pydantic, so that its validators are made when somebody asks for one: nobody does.
SQLModel.model_config["defer_build"] = True

_UNIQUE_VALUES = {
    "uq_task_list_source": "document",
    "uq_unit_official_name": "unit",
    "uq_unit_alias_name": "unit_name",
    "uq_person_login": "login",
    "uq_progress_round_item_id_period": "round",
}


def unique_value(constraint: str) -> str:
    """What a unique constraint keeps unique, as a word of the message catalogue; the constraint's name if unknown."""
    return _UNIQUE_VALUES.get(constraint, constraint)
