"""Webhooks go to the internet and nowhere else, whatever a name says and whatever it says a moment later."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import FieldProblems
from domain.webhooks.addresses import WebhookWrong, check_url, host_of, may_connect, read_networks
from handlers.setup.webhook_sending import Sender
from tests.webhooks.receiver import receiving

AT = datetime(2026, 11, 16, 12, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

INSIDE = (
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.1.2.3",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:c0a8:101::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
    "not an address",
    "",
)
OUTSIDE = (
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.1.1",
    "223.255.255.254",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2606:4700:4700::1111",
    "2a00:1450:4001:830::200e",
)


@pytest.mark.parametrize("address", INSIDE)
def test_no_connection_is_made_to_an_address_inside_a_network(address: str) -> None:
    assert not may_connect(address, (), encrypted=True)


@pytest.mark.parametrize("address", OUTSIDE)
def test_connections_are_made_to_addresses_of_the_internet_encrypted_only(address: str) -> None:
    assert may_connect(address, (), encrypted=True)
    assert not may_connect(address, (), encrypted=False)


def test_the_operators_own_networks_are_let_in_and_nothing_beside_them() -> None:
    networks = read_networks("10.1.0.0/16, 127.0.0.1,fd00::/8")
    assert all(may_connect(one, networks, encrypted=False) for one in ("10.1.2.3", "127.0.0.1", "fd00::7"))
    assert may_connect("::ffff:10.1.2.3", networks, encrypted=True)
    assert not [
        one for one in ("10.2.0.1", "127.0.0.2", "169.254.169.254") if may_connect(one, networks, encrypted=True)
    ]
    assert read_networks("") == ()
    with pytest.raises(ValueError, match="host bits"):
        read_networks("10.1.2.3/16")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "no_address"),
        ("example.com/hooks", "no_address"),
        ("ftp://example.com/", "no_address"),
        ("https://", "no_address"),
        ("https:///hooks", "no_address"),
        ("https://exa mple.com/", "no_address"),
        ("https://example.com\\@127.0.0.1/", "no_address"),
        ("https://example.com:0/", "no_address"),
        ("https://example.com:99999/", "no_address"),
        ("https://[::1/", "no_address"),
        ("https://example.com/\r\nHost: x", "no_address"),
        ("https://exämple.com/", "no_address"),
        (f"https://example.com/{'x' * 1_000}", "no_address"),
        ("http://example.com/hooks", "not_https"),
        ("https://user:pass@example.com/", "with_password"),
        ("https://example.com@127.0.0.1/", "with_password"),
        ("https://127.0.0.1/", "inside"),
        ("https://[::1]/", "inside"),
        ("https://[::ffff:127.0.0.1]/", "inside"),
        ("https://169.254.169.254/latest/meta-data/", "inside"),
        ("https://localhost/", "inside"),
        ("https://localhost./", "inside"),
        ("https://db/", "inside"),
        ("https://metadata.google.internal/", "inside"),
        ("https://printer.local/", "inside"),
        ("https://2130706433/", "inside"),
        ("https://0x7f000001/", "inside"),
        ("https://127.1/", "inside"),
        ("https://0177.0.0.1/", "inside"),
    ],
)
def test_an_address_that_no_webhook_may_go_to_is_refused_with_the_reason(url: str, why: str) -> None:
    with pytest.raises(FieldProblems) as refused:
        check_url(url, ())
    problem = refused.value.problems["url"]
    assert isinstance(problem, WebhookWrong)
    assert problem.why == why


def test_addresses_of_the_internet_are_taken_as_they_are_typed() -> None:
    for url in ("https://example.com/hooks?key=1", "https://8.8.8.8:8443/x", "https://[2606:4700:4700::1111]/"):
        assert check_url(f" {url}\n", ()) == url
    assert host_of("https://example.com:8443/secret?key=1") == "example.com"
    assert check_url("http://127.0.0.1:9/", read_networks("127.0.0.1")) == "http://127.0.0.1:9/"


@pytest.mark.parametrize("url", ["https://{here}/", "http://{here}/"])
async def test_where_the_connection_is_made_counts_and_not_what_was_looked_up_before(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that looked public when it was added leads to this machine when it is used."""
    async with receiving() as receiver:
        port = int(receiver.url.split(":")[2].partition("/")[0])
        lead_astray(monkeypatch, "rebound.example.com", port)
        async with Sender(url.format(here=f"rebound.example.com:{port}"), ()) as sender:
            answered = await sender.send("evt_1", "{}", [SECRET], at=AT)
        assert answered.error == "inside"
        assert receiver.got == []


async def test_an_address_that_is_written_as_one_is_checked_like_any_other() -> None:
    async with receiving() as receiver:
        for networks, error in (
            ((), "inside"),
            (read_networks("10.0.0.0/8"), "inside"),
            (read_networks("127.0.0.1"), None),
        ):
            async with Sender(receiver.url, networks) as sender:
                assert (await sender.send("evt_1", "{}", [SECRET], at=AT)).error == error
        assert len(receiver.got) == 1
        assert receiver.got[0].signed_with(SECRET)


async def test_what_cannot_be_reached_is_said_in_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        free = taken.getsockname()[1]
    for url, error in (
        (f"http://127.0.0.1:{free}/", "not_reached"),
        ("http://no-such-host.invalid/", "no_such_host"),
        ("http://\\/", "not_http"),
    ):
        async with Sender(url, read_networks("127.0.0.1")) as sender:
            assert (await sender.send("evt_1", "{}", [SECRET], at=AT)).error == error


async def test_what_speaks_no_tls_is_said_to_speak_none() -> None:
    async with receiving() as receiver:
        secure = receiver.url.replace("http:", "https:")
        async with Sender(secure, read_networks("127.0.0.1")) as sender:
            assert (await sender.send("evt_1", "{}", [SECRET], at=AT)).error == "tls"


def lead_astray(monkeypatch: pytest.MonkeyPatch, name: str, port: int) -> None:
    """From now on the name stands for this machine."""
    before = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host == name:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        return before(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
