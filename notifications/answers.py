"""What a channel is given and what it answers: the words of a message, and what became of sending them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.delivery import Outcome
from services.sendings import EndpointAddress


@dataclass(frozen=True, slots=True)
class Words:
    """A message as people read it. `brief` is one or two sentences for a robot or a phone; `link` leads to where it is
    answered, and works only for who is signed in.
    """

    subject: str
    text: str
    html: str
    brief: str
    link: str
    markdown: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """One message to one address. `thread` is the Message-ID that its mails have in common, if they have one."""

    message_id: str
    address: str
    name: str
    words: Words
    at: datetime
    topic: str = ""
    thread: str | None = None
    endpoint: EndpointAddress | None = None
    secret: str | None = field(default=None, repr=False)
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it, in the other side's own words."""

    outcome: Outcome
    words: str

    @property
    def accepted(self) -> bool:
        """Whether the other side took it."""
        return self.outcome is Outcome.ACCEPTED


class Carrier(Protocol):
    """Sends over one channel. It answers and does not raise for anything the other side does."""

    def send(self, post: Post) -> Answer:
        """Send it; returns within `domain.delivery.LEASE`."""
        ...
