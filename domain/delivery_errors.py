"""What is refused of messages, channels and feeds."""

from domain.errors import Conflict, NotFound, RuleViolation, Unavailable


class NotResendable(Conflict):
    """The sending was sent, or is no longer needed."""

    code = "not_resendable"


class EndpointUnreachable(RuleViolation):
    """A test call to the address that is to be saved got no answer, or the wrong one."""

    code = "endpoint_unreachable"


class EndpointRefused(RuleViolation):
    """The other side answered the test call with a refusal."""

    code = "endpoint_refused"


class EndpointForbidden(RuleViolation):
    """The address leads into a network that this installation does not let its messages go to."""

    code = "endpoint_forbidden"


class EndpointInvalid(RuleViolation):
    """The address, the secret or the template of an endpoint cannot be used."""

    code = "endpoint_invalid"


class FeedUnknown(NotFound):
    """No calendar is read under this address: it was revoked, or never given out."""

    code = "feed_unknown"


class SecretsUnreadable(Unavailable):
    """The installation's key does not open what is stored: it was changed or lost."""

    code = "secrets_unreadable"
