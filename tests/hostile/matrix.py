"""The authorization matrix: every declared listener, asked for by every sort of person, through the real edge.

`python -m tests.hostile.matrix` prints it. A forbidden request must be refused in clear words and leave no trace; an
allowed one must not be refused for who asks. Which is which follows from the listeners' own declarations.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from handlers.catalog import all_listeners
from handlers.listeners import Kind, Listener
from playground.records import Call
from storage.base import Base
from storage.models import Job, Workspace
from tests.chaos.plan import Engine, database
from tests.hostile.asked import Asked, Json
from tests.hostile.company import ELSEWHERE, count_what_waits
from tests.hostile.process import Served
from tests.hostile.rows import restore
from tests.hostile.run import Plan, Run

PEOPLE = {
    "rep": "ana",
    "marketer": "max",
    "manager": "mona",
    "admin": "mia",
    "guest": "gus",
    "deactivated": "dora",
    "stranger": "U0ELSEANA",
    "robot": "U0PLAYGRBOT",
}
"""Who asks: a person of each role, a guest (a rep until an admin says otherwise), and those who may do nothing."""

ROLE_OF = {"rep": "rep", "marketer": "marketer", "manager": "manager", "admin": "admin", "guest": "rep"}
REFUSED_MENU = "a menu without a choice"
REFUSAL = re.compile(
    rf"[A-Z][a-z, ]+ can do this|deactivated in Slack|people of another workspace|not for guests|{REFUSED_MENU}"
)
ONE_OF_MANY = {"setup.find": "setup.find:source"}
"""A menu of listeners that serve several."""

Verdict = Literal["allowed", "refused"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One listener and one sort of person: what should be, what was, what was wrong (empty: nothing)."""

    listener: str
    person: str
    wanted: Verdict
    found: Verdict
    wrong: str


def may(listener: Listener, person: str) -> bool:
    """What the declaration says."""
    return ROLE_OF.get(person) in listener.roles and (listener.guests or person != "guest")


def asked_cells() -> list[tuple[Listener, str]]:
    """All cells. Events are Slack's own: nobody asks for them."""
    return [(one, person) for one in all_listeners() if one.kind is not Kind.EVENT for person in PEOPLE]


class Matrix(Run):
    """A run that asks for each cell once."""

    def __init__(self, engine: Engine, url: str) -> None:
        super().__init__(Plan(engine, requests=0, seed=0), url)
        self.cells: list[Cell] = []
        self.heard: list[str] = []

    async def _onslaught(self, _program: Served) -> None:
        for listener, person in asked_cells():
            self.cells.append(await self._ask(listener, person))

    async def _ask(self, listener: Listener, person: str) -> Cell:
        wanted: Verdict = "allowed" if may(listener, person) else "refused"
        await self._let_jobs_end()
        await self.db.run(_count_what_waits, datetime.now(UTC))
        before = await self.db.read(_rows)
        patience = 20.0 if wanted == "refused" else 0.1
        said = await self._say(self._request(listener, person), patience)
        if said == REFUSED_MENU and listener.kind is Kind.OPTIONS:
            # Which words a menu has a choice for depends on what it lists.
            said = await self._say(self._request(listener, person, typed="o"), patience)
        found: Verdict = "refused" if REFUSAL.search(said) else "allowed"
        wrong = ""
        if wanted != found:
            wrong = f"should be {wanted}: {said[:300]}"
        elif found == "refused":
            after = await self.db.read(_rows)
            changed = [name for name in before if before[name] != after[name]]
            wrong = f"refused, but changed {', '.join(changed)}" if changed else ""
        else:
            await self.db.run(restore, self.saved)  # the next cell finds the settings as this one did
        named = f"{listener.kind} {listener.name} {listener.word or ''}".strip()
        return Cell(named, person, wanted, found, wrong)

    async def _let_jobs_end(self) -> None:
        """What an earlier cell has done by a job may ask for another: none of them may fall into this cell."""
        async with asyncio.timeout(30):
            while await self.db.read(_jobs_at_work):  # noqa: ASYNC110  # the table is the only one who knows
                await asyncio.sleep(0.02)

    def _request(self, listener: Listener, person: str, typed: str = "nor") -> Asked:
        make, who = self.bodies, PEOPLE[person]
        by = who if who in self.company.users else "mia"
        name = listener.name
        match listener.kind:
            case Kind.COMMAND:
                text = f"{listener.word or ''} {'' if listener.alone else 'northwind'}".strip()
                asked = Asked("command", name, "command", make.command_body(name, text, by), by)
            case Kind.ACTION:
                known = sorted(self.bodies.seen.elements.get(name, {}).items())
                element: Json = known[0][1] if known else {"type": "button", "action_id": name}
                body = make.action_body(make.clicked(element), by, "message", None)
                asked = Asked("action", name, "payload", body, by)
            case Kind.SUBMISSION:
                view = self.bodies.seen.views.get(name, {})
                asked = Asked("submission", name, "payload", make.submission_body(name, view, {}, by), by)
            case _:
                body = make.other_body(listener.kind, ONE_OF_MANY.get(name, name), by, typed)
                asked = Asked(str(listener.kind), name, "payload", body | {"response_url": "{{url}}"}, by)
        if who not in self.company.users:
            _in_the_name_of(asked.body, who, ELSEWHERE if person == "stranger" else None)
        return asked

    async def _say(self, asked: Asked, patience: float) -> str:
        """Everything that this is answered with: at once, by response_url, in a modal or a menu."""
        self.heard.clear()
        came = await self.door.send(asked)
        if asked.kind == "options" and came.body == '{"options": []}':
            return REFUSED_MENU
        if asked.kind in ("command", "submission", "options"):
            return came.body
        async with asyncio.timeout(patience + 60):
            until = asyncio.get_running_loop().time() + patience
            while not self.heard and asyncio.get_running_loop().time() < until:
                await asyncio.sleep(0.01)
                self._hear_receipts()
        return " ".join([came.body, *self.heard])

    def _hear_receipts(self) -> None:
        for channel in self.slack.workspace.channels.values():
            self.heard += [f"{one.text} {one.blocks}" for one in channel.ephemerals]
        super()._hear_receipts()

    def _hear_call(self, call: Call) -> None:
        super()._hear_call(call)
        if call.method.startswith("views.") and call.method != "views.publish":
            self.heard.append(str(call.args.get("view")))


def _in_the_name_of(body: Json, user_id: str, team_id: str | None) -> None:
    if "user_id" in body:
        body["user_id"] = user_id
        body["team_id"] = team_id or body["team_id"]
    else:
        body["user"] = {**body["user"], "id": user_id, "team_id": team_id or body["user"]["team_id"]}


def _rows(session: Session) -> dict[str, int]:
    """How many rows each table has."""
    return dict(session.execute(_count_all()).mappings().one())


@cache
def _count_all() -> Select[*tuple[Any, ...]]:
    """One question for all tables: it is asked before and after every cell."""
    return select(
        *(
            select(func.count()).select_from(table).scalar_subquery().label(table.name)
            for table in Base.metadata.sorted_tables
        )
    )


def _jobs_at_work(session: Session) -> int:
    """How many jobs are under way, or begin any moment; those that wait for another try come later."""
    at_work = (Job.state == "running") | (Job.due_at <= datetime.now(UTC))
    return session.scalar(select(func.count()).select_from(Job).where(Job.due_at.is_not(None), at_work)) or 0


def _count_what_waits(session: Session, at: datetime) -> None:
    """Count into tallies what earlier cells logged, so that the worker has nothing to add during this one."""
    for workspace_id in session.scalars(select(Workspace.id)).all():
        count_what_waits(session, workspace_id, at)


async def ask_all(engine: Engine, folder: Path) -> Matrix:
    """Every cell, and what else the run's oracle found."""
    with database(engine, folder) as url:
        matrix = Matrix(engine, url)
        await matrix.run()
    return matrix


def table(cells: list[Cell]) -> Table:
    """Listeners down, people across: ✓ allowed, · refused, and ✗ where it was not so."""
    shown = Table(title=f"{len(cells)} cells, {sum(bool(one.wrong) for one in cells)} wrong", title_justify="left")
    shown.add_column("listener")
    for person in PEOPLE:
        shown.add_column(person, justify="center")
    rows: dict[str, dict[str, str]] = {}
    for cell in cells:
        mark = "[bold red]✗[/]" if cell.wrong else "✓" if cell.found == "allowed" else "·"
        rows.setdefault(cell.listener, {})[cell.person] = mark
    for listener, marks in rows.items():
        shown.add_row(listener, *(marks[person] for person in PEOPLE))
    return shown


def main() -> int:
    """Returns the exit code: 0 when every cell is as declared."""
    with tempfile.TemporaryDirectory(prefix="tandem-matrix-") as folder:
        matrix = asyncio.run(ask_all("sqlite", Path(folder)))
    console = Console(width=140)
    console.print(table(matrix.cells))
    for cell in matrix.cells:
        if cell.wrong:
            console.print(f"{cell.listener}, {cell.person}: {cell.wrong}", markup=False, highlight=False)
    return 1 if any(cell.wrong for cell in matrix.cells) else 0


if __name__ == "__main__":
    sys.exit(main())
