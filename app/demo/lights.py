"""The lights of the sample city: what the scheduler would do on the simulated days."""

from app.demo.stage import SOURCE, Stage
from domain.permissions import SCHEDULER
from services.executor import RequestInfo
from services.lights import FreezeLights, RefreshLights, due_lights, due_periods

_REQUEST = RequestInfo(source=SOURCE)
_AT_ONCE = 100


def keep_lights(stage: Stage) -> None:
    """Freeze the periods that have closed by the stage's day, and judge every light that is due."""
    now = stage.clock.at
    while True:
        with stage.session() as session:
            parts, lights = due_periods(session, now, _AT_ONCE), due_lights(session, now, _AT_ONCE)
        for part in parts:
            freeze = FreezeLights(list_id=part.list_id, period=part.period, part=part.part)
            stage.executor.execute(freeze, actor=SCHEDULER, request=_REQUEST)
        if lights:
            stage.executor.execute(RefreshLights(), actor=SCHEDULER, request=_REQUEST)
        if not parts and not lights:
            return
