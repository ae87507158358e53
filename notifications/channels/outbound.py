"""HTTP to addresses that users enter: only into networks that are allowed, to the very address that was checked.

A name is resolved once, every address it has is judged, and the connection goes to one of those: a name that answers
differently the second time gains nothing. Redirects are not followed, proxies of the environment not used, answers cut
off; the whole exchange has one deadline, however slowly the other side talks. (OWASP, server-side request forgery.)
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore2

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

TOTAL_SECONDS = 15.0
MOST_BYTES = 64 * 1024
"""Of an answer. A robot says in a hundred bytes what it thinks."""


class ForbiddenAddressError(Exception):
    """The host has an address in a network that messages may not go to."""

    def __init__(self, host: str, address: str) -> None:
        super().__init__(f"{host} is {address}")
        self.host = host
        self.address = address


class UnreachableError(Exception):
    """No answer, or none that is HTTP."""


class InvalidUrlError(Exception):
    """Not an address one can post to."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, the headers in lower case, and the beginning of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_allowed(address: IpAddress, allowed: Iterable[IpNetwork]) -> bool:
    """Whether messages may go there: to every public address, and to networks that the installation names."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address.version == network.version and address in network for network in allowed):
        return True
    # The translation prefixes reach any IPv4 address, private ones too.
    translated = isinstance(address, ipaddress.IPv6Address) and (
        address.sixtofour is not None or address.teredo is not None or address in _NAT64
    )
    return address.is_global and not address.is_multicast and not translated


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def check_url(url: str) -> tuple[str, int]:
    """Host and port of an address. Raises InvalidUrlError."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError) as error:
        raise InvalidUrlError(url) from error
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise InvalidUrlError(url)
    return parts.hostname, port


@dataclass(frozen=True, slots=True)
class Outbound:
    """Posts to other people's addresses. `allowed` are networks beyond the public ones."""

    allowed: tuple[IpNetwork, ...] = ()
    seconds: float = TOTAL_SECONDS

    def request(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        """One exchange. Raises ForbiddenAddressError, UnreachableError, InvalidUrlError."""
        check_url(url)
        network = _CheckedNetwork(self.allowed, time.monotonic() + self.seconds)
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), self.seconds)
        try:
            with (
                httpcore2.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=network) as pool,
                pool.stream(
                    method, url, headers=list(headers.items()), content=body, extensions={"timeout": timeouts}
                ) as response,
            ):
                received = b""
                for chunk in response.iter_stream():
                    received += chunk
                    if len(received) >= MOST_BYTES:
                        break
                found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                return HttpAnswer(response.status, found, received[:MOST_BYTES])
        except (httpcore2.UnsupportedProtocol, httpcore2.LocalProtocolError) as error:
            raise InvalidUrlError(str(error) or url) from error
        except (
            httpcore2.NetworkError,
            httpcore2.TimeoutException,
            httpcore2.ProtocolError,
            OSError,
        ) as error:
            raise UnreachableError(str(error) or type(error).__name__) from error


class _CheckedNetwork(httpcore2.NetworkBackend):
    """Connects to checked addresses alone, until a deadline (monotonic seconds)."""

    def __init__(self, allowed: tuple[IpNetwork, ...], deadline: float) -> None:
        self._allowed = allowed
        self._deadline = deadline
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection to the first address that answers; all of them are judged before any is tried."""
        addresses = _resolve(host, port)
        for address in addresses:
            if not is_allowed(address, self._allowed):
                raise ForbiddenAddressError(host, str(address))
        failed: Exception | None = None
        for address in addresses:
            try:
                opened = self._inner.connect_tcp(
                    str(address), port, _left(timeout, self._deadline), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
            else:
                return _TimedStream(opened, self._deadline)
        raise failed or httpcore2.ConnectError(f"{host} has no address")


class _TimedStream(httpcore2.NetworkStream):
    """A stream that ends at the exchange's deadline, however little the other side sends each time."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Bytes as they come."""
        return self._inner.read(max_bytes, _left(timeout, self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes."""
        self._inner.write(buffer, _left(timeout, self._deadline))

    def close(self) -> None:
        """End the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """The same stream, encrypted; the certificate has to be that of the name, not of the address."""
        secured = self._inner.start_tls(ssl_context, server_hostname, _left(timeout, self._deadline))
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What the library asks about the connection."""
        return self._inner.get_extra_info(info)


def _left(timeout: float | None, deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the exchange took too long")
    return left if timeout is None else min(timeout, left)


def _resolve(host: str, port: int) -> list[IpAddress]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError(f"{host}: {error}") from error
    # An IPv6 address may carry the name of an interface.
    return list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found))
