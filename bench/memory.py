"""Resident memory of `tandem serve`: idle, under load, and whether it grows while the load goes on."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
from standardwebhooks import Webhook

from bench import Chart, Line, Row, bench, sized
from bench.serving import Tandem, tandem_serve, teams, workspace
from bench.stage import database
from playground import Playground
from tests.chaos.company import SOURCE, Company, Pace, found

LIMIT_MIB = 100.0
GROWTH_MIB = 5.0
"""In ten minutes: less than what the allocator keeps one time and gives back the next."""
TEAMS = 10
LINES_A_SECOND, LEADS_A_SECOND, CLICKS_A_SECOND = 10.0, 2.0, 3.0
SAMPLE_SECONDS = 1.0


@bench("memory")
async def memory() -> list[Row | Chart]:
    """What the system counts as resident in the process, once a second, over ten minutes of load on SQLite.

    Each second brings ten `/voc` lines, two leads by signed webhook and three clicks on cards, signed and over HTTP;
    ten teams' clocks of two to five minutes breach and reassign meanwhile, and the courier sends what follows from it
    all, with no limit but one post a second in a channel. Growth is the slope of the last eight tenths, by least
    squares, told for ten minutes.
    """
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder, database("sqlite", Path(folder)) as url:
        async with workspace(teams(TEAMS)) as slack:
            pace = Pace(hot=120, warm=300, reassign=120)
            company = await asyncio.to_thread(found, slack, url, TEAMS, pace)
            async with tandem_serve(slack, url, limits=0) as tandem:
                await asyncio.sleep(sized(20, quick=3))
                idle = tandem.resident()
                samples, load = await _under_load(slack, company, tandem, sized(600, quick=30))
    return _told(idle, samples, load)


def _told(idle: float, samples: list[tuple[float, float]], load: LeadsAndLines) -> list[Row | Chart]:
    minutes = samples[-1][0] / 60
    settled = [each for each in samples if each[0] >= samples[-1][0] / 5]
    growth = _slope(settled) * 600
    most = max(resident for _, resident in samples)
    size = f"{minutes:.0f} minutes of load" if minutes >= 1 else f"{samples[-1][0]:.0f} s of load"
    note = "Python's modules and SQLAlchemy's mappings are most of it; they are loaded once"
    return [
        Row.at_most("resident memory, idle", idle, "MiB", LIMIT_MIB, note),
        Row.at_most(
            "resident memory under load, most",
            most,
            "MiB",
            LIMIT_MIB,
            size=size,
            absolute=f"{load.lines:,} lines, {load.leads:,} leads, {load.clicks:,} clicks, {load.wrong} refused",
        ),
        Row.at_most(
            "growth of resident memory in 10 minutes",
            growth,
            "MiB",
            GROWTH_MIB,
            "compiled statements and connection buffers fill up in the first minutes",
            size=size,
            absolute=f"{settled[0][1]:.1f} MiB after {settled[0][0]:.0f} s, {settled[-1][1]:.1f} MiB at the end",
        ),
        Row("answered", load.lines + load.leads + load.clicks, "arrivals", "none refused", load.wrong == 0),
        Chart(
            "Resident memory under load",
            "minutes",
            "MiB",
            (Line("tandem serve, SQLite", tuple((seconds / 60, round(mib, 2)) for seconds, mib in samples)),),
            limit=LIMIT_MIB,
        ),
    ]


def _slope(samples: list[tuple[float, float]]) -> float:
    """MiB a second, by least squares."""
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / sum((x - mean_x) ** 2 for x, _ in samples)


async def _under_load(
    slack: Playground, company: Company, tandem: Tandem, seconds: float
) -> tuple[list[tuple[float, float]], LeadsAndLines]:
    """(Seconds since the load began, MiB), once a second."""
    load = LeadsAndLines(slack, company, tandem.port)
    began = time.monotonic()
    samples: list[tuple[float, float]] = []
    async with load.http, asyncio.TaskGroup() as group:
        loops = [
            group.create_task(steadily(rate, what))
            for rate, what in (
                (LINES_A_SECOND, load.log_line),
                (LEADS_A_SECOND, load.send_lead),
                (CLICKS_A_SECOND, load.click),
            )
        ]
        while (since := time.monotonic() - began) < seconds:
            samples.append((since, tandem.resident()))
            await asyncio.sleep(SAMPLE_SECONDS)
        for each in loops:
            each.cancel()
    return samples, load


async def steadily(rate: float, what: Callable[[], Awaitable[None]]) -> None:
    """Calls `what` so many times a second, whether it has come back or not."""
    async with asyncio.TaskGroup() as group:
        due = time.monotonic()
        while True:
            group.create_task(what())  # type: ignore[arg-type]  # they are coroutines
            due += 1 / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))


class LeadsAndLines:
    """People and systems at work. `wrong`: what was not answered as it should be."""

    def __init__(self, slack: Playground, company: Company, port: int) -> None:
        self.slack, self.company = slack, company
        self.lines = self.leads = self.clicks = self.wrong = 0
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10)
        self._dice = random.Random(1)
        self._webhook = Webhook(company.secret)

    async def log_line(self) -> None:
        self.lines += 1
        rep = self._dice.choice(self.company.reps)
        member = self.slack.member(rep)
        channel = self.slack.workspace.channel(f"#team-{rep.split('-')[1]}")
        words = f"number {self.lines} is too dear #theme-{self.lines % 40} @Account{self.lines % 200} $20k"
        self._note((await self.slack.people.command(member, channel, "/voc", words)).ok)

    async def send_lead(self) -> None:
        self.leads += 1
        name = f"msg_{self.leads}"
        body = json.dumps(
            {
                "id": f"crm-{self.leads}",
                "name": f"Lead {self.leads}",
                "company": f"Company {self.leads}",
                "tier": self._dice.choice(("hot", "warm")),
                "team": self._dice.choice(self.company.teams),
            }
        )
        now = datetime.now(UTC)
        headers = {
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(name, now, body),
        }
        try:
            self._note((await self.http.post(f"/intake/{SOURCE}", content=body, headers=headers)).is_success)
        except httpx.HTTPError:
            self._note(False)

    async def click(self) -> None:
        """Somebody presses a button of one of the latest cards in a team's channel, whatever it says."""
        number = self._dice.randrange(TEAMS)
        member = self.slack.member(f"rep-{number}-{self._dice.choice('ab')}")
        cards = self.slack.workspace.channel(f"#team-{number}").log.top_level()[-20:]
        buttons = [
            (card, block["block_id"], element["action_id"])
            for card in cards
            for block in card.all_blocks
            for element in block.get("elements", ())
            if element.get("action_id") in ("lead.claim", "lead.contacted")
        ]
        if not buttons:
            return
        self.clicks += 1
        card, block_id, action_id = self._dice.choice(buttons)
        self._note((await self.slack.people.act_on_message(member, card, block_id, action_id, {})).ok)
        for asked in list(self.slack.installation.views.stack(member.id)):  # before a colleague's lead is taken
            await self.slack.people.close(member, asked, whole_stack=True)

    def _note(self, well: bool) -> None:
        self.wrong += not well
