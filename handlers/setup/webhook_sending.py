"""One signed request to a system outside: to a checked address, without redirects, with an end.

Signed as Standard Webhooks says: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
from standardwebhooks import Webhook

from domain.webhooks.addresses import Network, may_connect

SECONDS: Final = 10
"""For the whole request: connecting, sending, and the first line and headers of the answer."""
NOT_PUBLIC: Final = "webhook refused: not a public address"


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a request. `error`: None for 2xx, else a code such as `http_500`, `timeout`, `inside`.

    `gone`: it said 410. `patience`: for how long it asked to be left alone (Retry-After).
    """

    error: str | None = None
    gone: bool = False
    patience: timedelta | None = None


class Sender:
    """Sends to one address. `networks`: of the operator, to which webhooks may go though they are not public.

    The address is checked where the connection is made, after the name was looked up: a name that leads somewhere else
    a moment later gains nothing. Answers are not read beyond their headers.
    """

    def __init__(self, url: str, networks: Sequence[Network]) -> None:
        self._url = url
        self._networks = networks
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = guarded_session(self._url, self._networks, auto_decompress=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, event_id: str, body: str, secrets: Sequence[str], *, at: datetime) -> Answered:
        """Post one event, signed with each of the secrets at this time. Raises nothing that the network does."""
        assert self._session is not None
        signed = " ".join(Webhook(secret).sign(event_id, at, body) for secret in secrets)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Tandem-Webhooks/1",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signed,
        }
        try:
            async with self._session.post(
                self._url, data=body.encode(), headers=headers, allow_redirects=False
            ) as answer:
                return _read(answer.status, answer.headers.get("Retry-After", ""), at)
        except TimeoutError:
            return Answered("timeout")
        except aiohttp.ClientConnectorCertificateError:
            return Answered("certificate")
        except aiohttp.ClientSSLError:
            return Answered("tls")
        except aiohttp.ClientConnectorDNSError:
            return Answered("no_such_host")
        except aiohttp.ClientConnectorError as error:
            return Answered("inside" if NOT_PUBLIC in str(error.os_error) else "not_reached")
        except (aiohttp.ClientError, OSError, ValueError):  # an address that no request can be made of, too
            return Answered("not_http")


def guarded_session(
    url: str, networks: Sequence[Network], *, seconds: float = SECONDS, auto_decompress: bool = True
) -> aiohttp.ClientSession:
    """A session for the address that somebody typed: it connects to public addresses and to the operator's `networks`.

    Each connection is checked by itself, after the name was looked up. A refused one fails with NOT_PUBLIC.
    """
    encrypted = url.startswith("https:")

    def checked_socket(address: Any) -> socket.socket:
        """A socket for that address alone; whatever the name stands for later, this is where it goes."""
        family, kind, protocol, _name, where = address
        if not may_connect(str(where[0]), networks, encrypted=encrypted):
            raise OSError(NOT_PUBLIC)
        return socket.socket(family, kind, protocol)

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(use_dns_cache=False, force_close=True, socket_factory=checked_socket, limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=seconds),
        auto_decompress=auto_decompress,
    )


def _read(status: int, retry_after: str, at: datetime) -> Answered:
    if 200 <= status < 300:
        return Answered()
    return Answered(f"http_{status}", gone=status == 410, patience=read_patience(retry_after, at))


def read_patience(retry_after: str, at: datetime) -> timedelta | None:
    """What a Retry-After asks for, in seconds or by a date; None for anything else.

    Source: RFC 9110, 10.2.3.
    """
    said = retry_after.strip()
    if said.isascii() and said.isdigit() and len(said) < 9:
        return timedelta(seconds=int(said))
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, TypeError):
        return None
    return max(timedelta(), (until if until.tzinfo else until.replace(tzinfo=UTC)) - at)
