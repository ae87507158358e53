"""What a unit is: decides whether the city may assign to it or only ask, and with whom it is compared."""

from enum import StrEnum


class UnitKind(StrEnum):
    """Central branches and courts are asked, not assigned (`domain.md` §1.3). OFFICE is an office that supervises.

    GROUP is only ever a printed party that stands for several units, never a unit of the registry.
    """

    DEPARTMENT = "department"
    DISTRICT = "district"
    CENTRAL_BRANCH = "central_branch"
    FUNCTIONAL_AREA = "functional_area"
    ENTERPRISE = "enterprise"
    COURT = "court"
    OFFICE = "office"
    OTHER = "other"
    GROUP = "group"
