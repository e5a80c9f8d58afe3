"""An admin gives a file of leads and has it stored; in the end each row is a lead, once, and the card says so."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.marks import read_mark
from handlers.imports.views import DROP, FORM, OPEN, STORE
from playground.records import Json, Member, Message, View
from storage.models import Job, Lead, LeadImport
from tests.chaos.records import Violation
from tests.simulation.outside import SHOWN_WITHIN, Outside, elements_of
from tests.simulation.told import FileGiven

NEVER, BEFORE, MEANWHILE = "never", "before", "meanwhile"
COMES: Final = (*((NEVER,) * 8), BEFORE, MEANWHILE)
"""In so many companies somebody gives a file of leads: while nothing goes wrong yet, or in the middle of it."""
LIST: Final = "fair-2026"
ROWS: Final = 3
PIECE: Final = 1
"""So many rows are stored at a time: a history has no time for files of hundreds."""
TRIES: Final = 4
LOOKED_FOR: Final = 400.0
"""So many seconds somebody waits for the word on what is in the file."""
THROWN_AWAY: Final = 0.1
TWICE: Final = 0.3


Found = tuple[Message, str, Json]
"""A message, and a button of it with its block's id."""


class Filing(Outside):
    """The admin who has a file of leads."""

    async def file_of_leads(self, be_calm: Callable[[bool], None]) -> Coroutine[Any, Any, None] | None:
        """What somebody does with a file of leads: from now on, or with one that was looked at before."""
        comes = self.choose("whether a file of leads comes", COMES)
        if comes != BEFORE:
            return self._bring_file() if comes == MEANWHILE else None
        be_calm(True)
        found = await self.give_file()
        be_calm(False)
        return self.decide_on_file(found) if found is not None else None

    async def _bring_file(self) -> None:
        await asyncio.sleep(self.dice.uniform(0.5, 8))
        if found := await self.give_file():
            await self.decide_on_file(found)

    async def give_file(self) -> Found | None:
        """Give it, and wait for the word on what is in it: the button below that; None where there is none."""
        mia = self.slack.member("mia")
        keys = [f"{self.company.name}-of-a-file-{number}" for number in range(ROWS)]
        lines = ["id,name,company,team,tier,asked"]
        for number, key in enumerate(keys):
            self.answers.teams[key] = self.dice.choice(self.company.teams)
            self.answers.tiers[key] = self.dice.choice(("hot", "warm"))
            words = f"{self.company.name} row {number} Ltd,Corp {number}"
            lines.append(f"{key},{words},{self.answers.teams[key]},{self.answers.tiers[key]},Demo")
        given = FileGiven(tuple(keys))
        self.told.files.append(given)
        for _ in range(TRIES):
            if await self._give(mia, "\n".join(lines).encode()):
                given.taken = True
                break
            await asyncio.sleep(self.dice.uniform(1, 5))
        until = self.slack.workspace.now() + LOOKED_FOR
        while self.slack.workspace.now() < until:
            await asyncio.sleep(2.0)
            if found := self._cards(mia, (STORE,)):
                return self.dice.choice(found)
            if self._cards(mia, (OPEN,)):
                break  # it was not taken, and they read why
        return None

    async def _give(self, mia: Member, content: bytes) -> bool:
        """Fill in the form; whether that was acknowledged."""
        if self.away:
            return False
        general = self.slack.workspace.channel(self.slack.channel("#team-0").id)
        await self.slack.people.command(mia, general, "/tandem", "import leads")
        await asyncio.sleep(SHOWN_WITHIN)
        form = next((one for one in self.open_views(mia) if one.body.get("callback_id") == FORM), None)
        if form is None or self.away:
            return False
        done = await self.slack.people.submit(mia, form, self._filled(mia, form, content))
        taken = done.ok and not any(one.body.get("callback_id") == FORM for one in self.open_views(mia))
        await self.leave(mia)
        return taken

    def _filled(self, mia: Member, form: View, content: bytes) -> dict[str, dict[str, Any]]:
        values: dict[str, dict[str, Any]] = {}
        for block in form.body["blocks"]:
            element: Json = block.get("element") or {}
            if element.get("type") == "file_input":
                file = self.slack.people.give(mia, "fair.csv", content)
                values[block["block_id"]] = {element["action_id"]: {"type": "file_input", "files": [file.as_input()]}}
            elif element:
                values[block["block_id"]] = {element["action_id"]: {"type": element["type"], "value": LIST}}
        return values

    def _cards(self, mia: Member, names: tuple[str, ...]) -> list[Found]:
        dm = self.slack.workspace.app_dm(mia)
        stands = dm.log.top_level(oldest="0") if dm is not None else []
        return [(one, *there) for one in stands for there in elements_of(one.all_blocks, names)]

    async def decide_on_file(self, found: Found) -> None:
        """Store it, or throw it away; who reads that it failed tries again, and some press twice."""
        message, block_id, element = found
        mia, given = self.slack.member("mia"), self.told.files[-1]
        marked = read_mark("lead_import", block_id.rpartition(":")[2])
        assert marked is not None
        what = str(element["action_id"]) if self.dice.random() >= THROWN_AWAY else DROP
        pressed = 0
        for _ in range(TRIES):
            if self.away or not any(elements_of(message.all_blocks, (what,))):
                break
            done = await self.slack.people.act_on_message(mia, message, block_id, what, {})
            if done.ok:
                given.decided[marked.id] = what
                pressed += 1
            if pressed and (pressed > 1 or self.dice.random() >= TWICE):
                break
            await asyncio.sleep(self.dice.uniform(0.1, 4))


def look_at_files(session: Session, workspace_id: int, files: list[FileGiven]) -> Iterator[Violation]:
    """Each file that was to be stored is so, each of its rows is one lead, and no row of another file is any."""
    imports = list(session.scalars(select(LeadImport).where(LeadImport.workspace_id == workspace_id)))
    mine = select(Lead.external_id).where(Lead.workspace_id == workspace_id, Lead.source == LIST)
    leads = Counter(str(one) for one in session.scalars(mine))
    given_up = {
        int(one.arguments["import_id"])
        for one in session.scalars(select(Job).where(Job.workspace_id == workspace_id, Job.state == "dead"))
        if "import_id" in one.arguments
    }  # of which an admin reads, tests/chaos/jobs.py
    keys = [key for one in files for key in one.keys]
    for one in files:
        if one.taken and not imports:
            yield Violation("lost", "the form with a file was acknowledged, and the file is not there")
        for import_id, what in one.decided.items():
            row = session.get_one(LeadImport, import_id)
            if import_id not in given_up and row.state != ("stored" if what == STORE else "dropped"):
                yield Violation("lost", f"file {import_id}: {what} was acknowledged, and it is {row.state}")
    for row in imports:
        came = row.accepted + row.added + row.duplicates
        what = f"file {row.id} is {row.state}, {row.done} of {row.rows} rows are done, and {came} are told of"
        if row.id in given_up:
            continue
        if row.state not in ("waiting", "stored", "dropped") or came != row.done:
            yield Violation("unsettled", f"{what} ({row.trouble})")
        if row.state == "stored" and row.done != len(keys):
            yield Violation("lost", what)
    stored = any(row.state == "stored" for row in imports)
    for key in keys:
        if stored and leads[key] != 1:
            yield Violation("doubled" if leads[key] else "lost", f"the row {key} is {leads[key]} leads")
    if leads and not (stored or given_up):
        yield Violation("stray", f"nobody had a file stored, and there are {dict(leads)}")
    if not given_up and sum(row.accepted for row in imports) != sum(leads.values()):
        yield Violation("wrong card", f"{sum(row.accepted for row in imports)} new leads are told of, of {leads}")
