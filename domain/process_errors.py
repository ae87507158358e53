"""Errors of models, expressions and running process instances."""

from domain.errors import Conflict, DomainError, NotWaiting, RuleViolation, TooLarge


class TaskNotOpen(Conflict):
    """The process instance has no open task with this id: completed before, cancelled, or never there."""

    code = "task_not_open"


class NothingWaits(NotWaiting):
    """No event of the process instance waits for this message or timer."""

    code = "nothing_waits"


class ExpressionRefused(RuleViolation):
    """The expression uses what the interpreter does not allow; found when it is compiled."""

    code = "expression_refused"


class ExpressionFailed(RuleViolation):
    """The expression cannot be evaluated over the values it met."""

    code = "expression_failed"


class ModelRefused(RuleViolation):
    """The process model cannot be read: unsafe or invalid XML, a missing part, or elements that do not run."""

    code = "model_refused"


class TimerInvalid(RuleViolation):
    """A timer's expression gave no point in time (text with an offset) and no ISO 8601 duration."""

    code = "timer_invalid"


class ProcessFault(DomainError):
    """The engine could not carry out the step; nothing was changed. A process administrator has to look."""

    code = "process_fault"


class TimerStuck(ProcessFault):
    """The index has a timer due that the instance's state does not have."""

    code = "timer_stuck"


class EndlessLoop(ProcessFault):
    """Automatic elements lead back to each other and nothing ever waits."""

    code = "endless_loop"


class DeadEnd(ProcessFault):
    """A token vanished: nothing waits in a process that has not reached an end event."""

    code = "dead_end"


class StateUnreadable(DomainError):
    """The stored state of a process instance does not decode, or belongs to another model or format."""

    code = "state_unreadable"


class ProcessDataTooLarge(TooLarge):
    """Process data routes and is small; evidence and opinions live in tables."""

    code = "process_data_too_large"


class ProcessDataInvalid(RuleViolation):
    """Process data holds only JSON values."""

    code = "process_data_invalid"


class ProcessDataIncomplete(RuleViolation):
    """A process instance is started without a name its model's expressions read."""

    code = "process_data_incomplete"


class MigrationRefused(Conflict):
    """The process instance cannot move to the other version of its model; `reasons` says why."""

    code = "migration_refused"
