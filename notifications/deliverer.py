"""Sends one claimed sending: claim it, word it, send it, record what was answered."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog

from domain.delivery import LEASE, Channel, Outcome, SendingState
from domain.delivery_errors import SecretsUnreadable
from domain.errors import Unavailable
from domain.permissions import SCHEDULER
from notifications.answers import Answer, Carrier, Post
from notifications.rendering import Renderer
from services.executor import Executor
from services.sendings import BeginSending, Outgoing, RecordAttempt

RECORD_SECONDS = LEASE.total_seconds() / 2
"""How long an answer is held on to while the database is away. A claim that runs out sends a repeat."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Deliverer:
    """What a worker works with. `host` is the right side of Message-IDs, `unseal` opens an endpoint's secret."""

    executor: Executor
    renderer: Renderer
    carriers: Mapping[Channel, Carrier]
    host: str
    unseal: Callable[[bytes], str]

    def deliver(self, sending_id: UUID) -> SendingState | None:
        """The sending's state afterwards; None when there was nothing to send.

        Raises Unavailable when the database stays away.
        """
        outgoing = self.executor.execute(BeginSending(sending_id=sending_id, host=self.host), actor=SCHEDULER)
        if outgoing is None:
            return None
        answer = self._send(outgoing)
        _log.info(
            "sent",
            sending_id=str(sending_id),
            channel=outgoing.channel,
            attempt=outgoing.number,
            outcome=answer.outcome,
            answer=answer.words[:200],
        )
        return self._record(outgoing, answer)

    def _send(self, outgoing: Outgoing) -> Answer:
        try:
            post = self._post(outgoing)
        except SecretsUnreadable as error:
            return Answer(Outcome.UNREACHABLE, error.code)
        except Exception as error:  # noqa: BLE001  a fault of ours with one message holds up no other
            _log.exception("not_worded", sending_id=str(outgoing.sending_id))
            return Answer(Outcome.TEMPORARY, f"{type(error).__name__}: {error}")
        try:
            return self.carriers[outgoing.channel].send(post)
        except Exception as error:  # noqa: BLE001  whatever it is, the attempt has to be recorded
            _log.exception("carrier_failed", sending_id=str(outgoing.sending_id), channel=outgoing.channel)
            return Answer(Outcome.TEMPORARY, f"{type(error).__name__}: {error}")

    def _post(self, outgoing: Outgoing) -> Post:
        endpoint = outgoing.endpoint
        items = {carried.item_id for carried in outgoing.messages}
        # What concerns one item stands together in a mail program, from the first mail on.
        item_id = items.pop() if len(items) == 1 else None
        return Post(
            message_id=outgoing.message_id,
            address=outgoing.address,
            name=outgoing.recipient,
            words=self.renderer.render(outgoing),
            at=outgoing.now,
            topic=outgoing.topic,
            thread=None if item_id is None or outgoing.digest else f"<item-{item_id}@{self.host}>",
            endpoint=endpoint,
            secret=None if endpoint is None or endpoint.secret is None else self.unseal(endpoint.secret),
            facts=dict(outgoing.messages[0].facts),
        )

    def _record(self, outgoing: Outgoing, answer: Answer) -> SendingState:
        command = RecordAttempt(
            sending_id=outgoing.sending_id,
            number=outgoing.number,
            started_at=outgoing.now,
            outcome=answer.outcome,
            answer=answer.words,
        )
        deadline = time.monotonic() + RECORD_SECONDS
        while True:
            try:
                return self.executor.execute(command, actor=SCHEDULER)
            except Unavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(1.0)
