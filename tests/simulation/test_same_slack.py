"""The same choices make the same Slack in every interpreter, whatever its hashes; and a call costs next to nothing."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from random import Random
from typing import TypeVar

from bot.slack.client import sort_error
from handlers.post_tokens import metadata
from tests.simulation.breaking import ROOT
from tests.simulation.faults import FAULT_NAMES
from tests.simulation.slack import MemorySlack
from tests.simulation.test_slack import Heard, now, run

T = TypeVar("T")


class Dice:
    """Chooses by a seed; keeps what was chosen."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.trace: list[str] = []

    def __call__(self, name: str, options: Sequence[T], /) -> T:
        chosen = options[self._random.randrange(len(options))]
        self.trace.append(f"{name}: {chosen}")
        return chosen


async def history(seed: int) -> tuple[str, dict[str, int]]:
    """Posts, edits, commands and Homes in two workspaces at once; what Slack is then, and which faults struck."""
    dice, heard = Dice(seed), Heard(silent=2)
    slack = MemorySlack(dice, now, heard.deliver)
    slack.faults.weather = "foul"
    slack.add_workspace("Other")
    for each in slack.workspaces.values():
        each.add_member("ana")
        each.add_channel("#leads", app=True)
    slack.begin()

    async def busy(team: str) -> None:
        client = slack.client(slack.workspaces[team].bot_token)
        for number in range(40):
            try:
                posted = await client.chat_postMessage(
                    channel="#leads", text=f"{number}", metadata=metadata(f"t{number}")
                )
                await client.chat_update(channel=posted["channel"] or "", ts=posted["ts"] or "", text="edited")
                found = await client.conversations_history(channel=posted["channel"] or "", limit=5)
                dice.trace.append(str(found.data))
            except Exception as error:
                dice.trace.append(sort_error(error).name)
            await slack.command(team, "ana", "#leads", "/voc", f"words {number}")
            slack.open_home(team, "ana")

    await asyncio.gather(*(busy(team) for team in slack.workspaces))
    slack.faults.calm = True
    await slack.settled(600)
    await asyncio.sleep(60)
    dice.trace += heard.kinds
    return f"{slack.digest()} {hash_of(dice.trace)}", slack.faults.struck


def hash_of(lines: Sequence[str]) -> int:
    """A number for the lines that no interpreter's own hashes enter into."""
    return sum((position + 1) * sum(line.encode()) for position, line in enumerate(lines))


def test_the_same_seed_makes_the_same_slack_under_any_hashes() -> None:
    program = "from tests.simulation.test_same_slack import *\nfor seed in {seeds}: print(seed, run(history(seed))[0])"
    seen: dict[str, set[str]] = {}
    for hashes, seeds in (("7", (1, 2, 3)), ("random", (3, 1, 2))):
        made = subprocess.run(
            [sys.executable, "-c", program.format(seeds=seeds)],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": hashes},
            capture_output=True,
            text=True,
            check=True,
        )
        for line in made.stdout.splitlines():
            seed, _, digests = line.partition(" ")
            seen.setdefault(seed, set()).add(digests)
    assert [len(seen[seed]) for seed in ("1", "2", "3")] == [1, 1, 1]
    assert len(set.union(*seen.values())) == 3


def test_every_fault_strikes_before_long() -> None:
    struck: set[str] = set()
    for seed in range(6):
        struck |= run(history(seed))[1].keys()
    assert struck == set(FAULT_NAMES)
