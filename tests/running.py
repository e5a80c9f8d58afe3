"""Tandem running against the playground, as in real life: Socket Mode or signed HTTP, real database, real clicks.

`Running` is what end-to-end tests hold: the workspace, the program, and the clock that both go by.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from unittest.mock import patch

import httpx
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from bot.program import Program
from bot.seal import Sealer
from bot.settings import Settings
from domain.calendar import WorkingHours
from domain.people import default_team
from domain.sources import add_source
from domain.wall import WallClock
from handlers import arrival
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Playground
from playground.page_api import Control
from storage import outbox
from storage.models import Audience, Member, TeamMember, Workspace
from tests.progress import until

Transport = Literal["socket", "http"]

KEY = "a key for tests that is long enough as it should be"
ANSWER_WITHIN, ACK_WITHIN = 15.0, 18.0
"""Seconds for which people wait for a database, and Slack for an answer: on a busy machine a disk may take its time."""
TUESDAY_TEN = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)


@dataclass
class Running:
    """The workspace Northwind: mia (admin, manages the team), ana and bo (reps), max (marketer), #leads, #marketing."""

    slack: Playground
    program: Program
    clock: WallClock
    secret: str

    async def later(self, **duration: float) -> None:
        """Move time on for Slack and for the program, and let the program look at what is due."""
        self.clock.advance(timedelta(**duration))
        self.slack.tick()
        await self.program.look_again()

    async def lead_arrives(self, **fields: Any) -> httpx.Response:
        """A system posts a lead, signed as Standard Webhooks want it."""
        lead = {
            "name": "Lee Wong",
            "company": "Northwind",
            "asked": "Demo request",
            "tier": "hot",
            "score": 82,
            **fields,
        }
        body = json.dumps(lead)
        stamp = self.clock.outside()
        number = f"msg_{len(body)}_{lead['name']}_{stamp.timestamp()}"
        headers = {
            "webhook-id": number,
            "webhook-timestamp": str(int(stamp.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(number, stamp, body),
        }
        async with httpx.AsyncClient() as http:
            return await http.post(
                f"http://127.0.0.1:{self.program.port}/intake/website", content=body, headers=headers
            )

    async def idle(self) -> None:
        """Wait until everything that was to be said has been said."""
        left = 1

        async def said() -> bool:
            nonlocal left
            left = await self.program.db.read(outbox.waiting)
            return not left

        await until(said, lambda: left, what="an empty outbox", still=30, pause=0.02)


@asynccontextmanager
async def running(
    database_url: str,
    transport: Transport = "socket",
    *,
    at: datetime = TUESDAY_TEN,
    arrange: bool = True,
    sockets: int = 1,
    controls: Sequence[Control] = (),
    in_a_hurry: bool = False,
) -> AsyncIterator[Running]:
    """Start the playground and Tandem on it; stop both at the end. `controls`: buttons of the page; `sockets`: how
    many connections of Socket Mode. `in_a_hurry`: people and Slack wait no longer than in life."""
    clock = WallClock(at)
    manifest = make_manifest(all_listeners(), steps=True)
    async with Playground(
        manifest,
        mode=transport,
        now=lambda: clock.now().timestamp(),
        team_name="Northwind",
        controls=controls,
    ) as slack:
        slack.answer_within, slack.settle, slack.patience = 2.5, 0.8, 15.0  # a busy machine is no failure
        if not in_a_hurry:
            slack.delivery.ack_within = ACK_WITHIN
        slack.add_member("mia", real_name="Mia Stone", is_admin=True, is_primary_owner=True, tz="Europe/Berlin")
        slack.add_member("ana", real_name="Ana Ruiz", tz="Europe/Madrid")
        slack.add_member("bo", real_name="Bo Larsen", tz="America/New_York")
        slack.add_member("max", real_name="Max Keller", tz="Europe/Berlin")
        for channel in ("#leads", "#marketing", "#general"):
            slack.add_channel(channel, app=channel != "#general")
        settings = settings_for(slack, database_url).model_copy(update={"tandem_socket_connections": sockets})
        program = Program(settings, clock=clock, pace=0, host="127.0.0.1")
        await program.start()
        slack.events_url = f"http://127.0.0.1:{program.port}/slack/events"
        if transport == "socket":
            await slack.app_connected()
        assert program.workspace_id is not None
        secret = await program.db.run(_arrange, slack, program.workspace_id, clock.now()) if arrange else ""
        tandem = Running(slack, program, clock, secret)
        try:
            with patch.object(arrival, "ANSWER_WITHIN", arrival.ANSWER_WITHIN if in_a_hurry else ANSWER_WITHIN):
                yield tandem
            assert slack.refusals == [], "Slack refused what Tandem sent"
        finally:
            await tandem.program.stop()  # a test may have started another one


def settings_for(slack: Playground, database_url: str) -> Settings:
    """The settings that point Tandem at this playground."""
    by_socket = slack.delivery.mode == "socket"
    return Settings(
        slack_bot_token=SecretStr(slack.bot_token),
        slack_app_token=SecretStr(slack.app_token) if by_socket else None,
        slack_signing_secret=SecretStr(slack.signing_secret),
        slack_api_url=slack.api_url,
        database_url=database_url,
        port=0,
        tandem_secret_key=SecretStr(KEY),
        tandem_command_prefix="",
    )


def _arrange(session: Session, slack: Playground, workspace_id: int, at: datetime) -> str:
    """One team around the clock with a channel, two reps and a manager; digests on Mondays; a source."""
    members = {one.slack_user_id: one for one in session.scalars(select(Member))}
    by_name = {name: members[slack.member(name).id] for name in ("mia", "ana", "bo", "max")}
    workspace = session.get_one(Workspace, workspace_id)
    workspace.configured_at, workspace.competitors = at, ["Rivalsoft"]
    workspace.marketing_channel = slack.channel("#marketing").id
    team = default_team(session, workspace_id)
    team.channel, team.manager_id = slack.channel("#leads").id, by_name["mia"].id
    team.hours = WorkingHours.always().to_json()
    by_name["max"].role = "marketer"
    by_name["max"].role_origin = "config"
    session.delete(session.get_one(TeamMember, (team.id, by_name["max"].id)))
    for audience in session.scalars(select(Audience)):
        audience.zone = "UTC"
        audience.channel = slack.channel("#leads" if audience.kind == "sales" else "#marketing").id
    return _schedule_and_source(session, workspace_id, at)


def _schedule_and_source(session: Session, workspace_id: int, at: datetime) -> str:
    from domain.issues import schedule_audience

    for audience in session.scalars(select(Audience)):
        schedule_audience(session, audience, at)
    return add_source(session, workspace_id, "website", seal=Sealer(KEY).seal, at=at)
