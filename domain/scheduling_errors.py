"""What keeps a rehearsal from being played."""

from domain.errors import RuleViolation


class SimulationTooLarge(RuleViolation):
    """More items than can be played in one go."""

    code = "simulation_too_large"


class SimulationBackwards(RuleViolation):
    """The last day is not after the first."""

    code = "simulation_backwards"
