"""What can be wrong with a dossier or with a file that is said to be one."""

from domain.errors import Conflict, RuleViolation


class DossierNotReady(Conflict):
    """The dossier is still being made."""

    code = "dossier_not_ready"


class DossierFailed(Conflict):
    """The dossier could not be drawn; what it would say is kept and can be drawn again."""

    code = "dossier_failed"


class DossierUnreadable(RuleViolation):
    """A file to be verified is no PDF, or is damaged."""

    code = "dossier_unreadable"
