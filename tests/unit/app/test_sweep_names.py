"""What the clock does has a name that an administrator understands."""

from domain.messages.scheduling import SWEEP_NAMES
from services.sweeps import SWEEPS


def test_every_sweep_has_a_name_and_no_name_is_left_over():
    assert set(SWEEP_NAMES) == {sweep.name for sweep in SWEEPS}
    assert len(set(SWEEP_NAMES.values())) == len(SWEEP_NAMES)
