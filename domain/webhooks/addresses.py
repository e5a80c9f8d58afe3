"""Where webhooks may be sent: to addresses of the internet, and to nothing inside a network that Tandem stands in.

What a name leads to is known only when it is connected to. So `may_connect` is asked about the very address that a
connection is made to; `check_url` refuses earlier what can be seen by itself.
Source of the ranges: the IANA registries of special-purpose addresses, for IPv4 and IPv6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, Literal
from urllib.parse import urlsplit

from domain.errors import FieldProblems, TandemError

Network = IPv4Network | IPv6Network
LONGEST_URL: Final = 1_000
INSIDE_NAMES: Final = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "private")
"""Last parts of names that no public name ends with."""

_NOT_PUBLIC_4: Final = tuple(
    IPv4Network(one)
    for one in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers (CGNAT)
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, the clouds' metadata among them
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_PUBLIC_6: Final = IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(
    IPv6Network(one)
    for one in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address of any kind stands in it
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_NAT64: Final = IPv6Network("64:ff9b::/96")
"""How networks without IPv4 reach an IPv4 address, which is the last 32 bits."""


@dataclass(unsafe_hash=True)
class WebhookWrong(TandemError):
    """An endpoint cannot be kept like this. `given`: what was given, or what there is to pick from."""

    why: Literal[
        "no_address",
        "not_https",
        "with_password",
        "inside",
        "taken",
        "too_many",
        "no_events",
        "unknown_events",
        "no_time",
        "paused",
        "no_secret_key",
    ]
    given: tuple[str, ...] = ()


def read_networks(text: str) -> tuple[Network, ...]:
    """Networks as an operator writes them, `10.1.0.0/16, 127.0.0.1`. Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def may_connect(address: str, networks: Sequence[Network], *, encrypted: bool) -> bool:
    """Whether a webhook may go to this IP address: it is public, or in one of the operator's `networks`.

    Without encryption only the latter. What is no IP address is refused.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    plain = _unwrapped(found)
    if any(one.version == each.version and each in one for one in networks for each in {found, plain}):
        return True
    return encrypted and _is_public(plain)


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, `::ffff:127.0.0.1`; else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in one for one in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not any(address in one for one in _NOT_PUBLIC_6)


def check_url(url: str, networks: Sequence[Network]) -> str:
    """The address of an endpoint as it was typed, without blanks around it. Raises FieldProblems (`url`).

    `networks`: of the operator, to which webhooks may go, also without encryption.
    """
    typed = url.strip()
    problem = _problem(typed, networks)
    if problem is not None:
        raise FieldProblems({"url": problem})
    return typed


def _problem(url: str, networks: Sequence[Network]) -> WebhookWrong | None:
    plain = url.isascii() and url.isprintable() and not set(url) & set(' \\"<>^`{|}') and len(url) <= LONGEST_URL
    try:
        split = urlsplit(url)
        host, port = split.hostname or "", split.port
    except ValueError:
        return WebhookWrong("no_address")
    if not plain or not host or port == 0 or split.scheme not in ("http", "https"):
        return WebhookWrong("no_address")
    if split.username is not None or split.password is not None:
        return WebhookWrong("with_password")
    if split.scheme != "https" and not networks:
        return WebhookWrong("not_https")
    if _is_inside(host, networks, encrypted=split.scheme == "https"):
        return WebhookWrong("inside", (host,))
    return None


def _is_inside(host: str, networks: Sequence[Network], *, encrypted: bool) -> bool:
    """Whether it can be seen by itself that a host is not of the internet. With `networks`, names may lead there."""
    try:
        ip_address(host)
    except ValueError:
        parts = host.rstrip(".").split(".")
        return not networks and (len(parts) < 2 or parts[-1] in INSIDE_NAMES or parts[-1].isdigit())
    return not may_connect(host, networks, encrypted=encrypted)


def host_of(url: str) -> str:
    """The host of an address, for lists and logs: the rest may hold a secret."""
    return urlsplit(url).hostname or ""
