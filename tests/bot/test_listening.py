"""Where Tandem listens: TANDEM_HOST, and what is said when it names no address of this computer."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bot.program import Program
from bot.settings import Settings, SettingsProblem
from bot.web.server import listening_socket
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Playground
from tests.running import settings_for


def test_all_addresses_are_listened_on_unless_it_is_said_otherwise() -> None:
    assert Settings().tandem_host == "0.0.0.0"


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("0.0.0.0", "")])
def test_an_address_or_a_name_of_this_computer_is_listened_on(host: str, address: str) -> None:
    with listening_socket(host, 0) as listening:
        listening.listen()
        socket.create_connection((address or "127.0.0.1", listening.getsockname()[1])).close()


@pytest.mark.parametrize("host", ["nowhere.invalid", "not an address"])
async def test_a_host_that_is_none_of_this_computers_is_named(host: str, tmp_path: Path) -> None:
    async with Playground(make_manifest(all_listeners()), mode="http") as slack:
        settings = settings_for(slack, f"sqlite:///{tmp_path}/tandem.db").model_copy(update={"tandem_host": host})
        program = Program(settings)
        with pytest.raises(SettingsProblem, match="TANDEM_HOST is not usable"):
            await program.start()
        await program.abandon()


def test_of_two_processes_that_begin_at_once_the_second_hears_that_the_port_is_taken() -> None:
    with listening_socket("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            listening_socket("127.0.0.1", port)
