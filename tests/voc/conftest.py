"""A workspace in the playground where `/voc` works: only the listeners of that command, over signed HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select
from starlette.routing import Route

from bot.metrics import Metrics
from bot.web.edge import SlackEdge
from domain.people import Profile, ensure_workspace, sync_members
from domain.wall import WallClock
from handlers import arrival
from handlers.arrival import Tandem
from handlers.dispatch import Dispatcher
from handlers.manifest import make_manifest
from handlers.regrouping import listeners as regrouping
from handlers.voc import listeners as voc
from playground import Modal, Playground
from storage.database import Database
from storage.models import VocItem, Workspace
from tests.playground.recorder import serving
from tests.running import ACK_WITHIN, ANSWER_WITHIN, Running, running
from tests.world import MONDAY_NOON

LISTENERS = (*voc.listeners.declared, *regrouping.listeners.declared)


@dataclass
class Desk:
    """Ana and bo (reps) and mia (admin) at work in #general; Rivalsoft is a known competitor."""

    slack: Playground
    db: Database
    clock: WallClock

    async def voc(self, line: str = "", by: str = "ana") -> Any:
        """Type `/voc …`; returns the receipt or the modal."""
        return await self.slack.channel("#general").command(f"/voc {line}".strip(), by=by)

    def modal(self, who: str) -> Modal:
        """The modal that this member has open."""
        modal = self.slack.modal(who)
        assert modal is not None
        return modal

    async def items(self) -> list[VocItem]:
        """What is stored, oldest first."""
        return await self.db.read(lambda session: list(session.scalars(select(VocItem).order_by(VocItem.id))))

    def later(self, **duration: float) -> None:
        self.clock.advance(timedelta(**duration))


@pytest.fixture
async def tandem(migrated_url: str) -> AsyncIterator[Running]:
    """The whole program in the workspace Northwind."""
    async with running(migrated_url) as started:
        yield started


@pytest.fixture
async def desk(db: Database) -> AsyncIterator[Desk]:
    """Fails in the end when Slack refused anything that was sent, or when anybody was pinged."""
    clock = WallClock(MONDAY_NOON)
    manifest = make_manifest(LISTENERS)
    async with Playground(manifest, mode="http", now=lambda: clock.now().timestamp()) as slack:
        slack.answer_within, slack.patience = 2.5, 15.0  # a busy machine is no failure
        slack.delivery.ack_within = ACK_WITHIN
        slack.add_member("mia", real_name="Mia Stone", is_admin=True)
        slack.add_member("ana", real_name="Ana Ruiz")
        slack.add_member("bo", real_name="Bo Larsen")
        slack.add_channel("#general", app=True)
        team_id = str(slack.installation.workspace.team_id)
        await db.run(_arrange, slack, team_id, clock)
        app = AsyncApp(
            name="tandem",
            client=AsyncWebClient(token=slack.bot_token, base_url=slack.api_url),
            authorize=_authorize(slack, team_id),
            process_before_response=True,
            request_verification_enabled=False,
            ssl_check_enabled=False,
            url_verification_enabled=False,
        )
        dispatcher = Dispatcher(Tandem(db, clock), LISTENERS)
        dispatcher.attach(app)
        edge = SlackEdge(app, slack.signing_secret, Metrics())
        async with serving([Route("/slack/events", edge.handle, methods=["POST"])]) as port:
            slack.events_url = f"http://127.0.0.1:{port}/slack/events"
            with patch.object(arrival, "ANSWER_WITHIN", ANSWER_WITHIN):
                yield Desk(slack, db, clock)
            await dispatcher.settle()
        assert slack.refusals == []
        assert slack.pings == []


def _arrange(session: Any, slack: Playground, team_id: str, clock: WallClock) -> None:
    workspace_id = ensure_workspace(session, team_id, name="Northwind", at=clock.now())
    profiles = [
        Profile(slack.member(name).id, name, None, "UTC", name == "mia", False, True, False)
        for name in ("mia", "ana", "bo")
    ]
    sync_members(session, workspace_id, profiles, clock.now())
    session.get_one(Workspace, workspace_id).competitors = ["Rivalsoft"]


def _authorize(slack: Playground, team_id: str) -> Any:
    async def authorize(**_ignored: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=team_id, bot_token=slack.bot_token)

    return authorize
