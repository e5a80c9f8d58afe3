"""Slack in memory: the playground's own state and rules, reached without a socket and under the loop's time."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import asdict
from typing import Any
from unittest.mock import patch

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.installations.app import redirect_uri
from bot.slack.client import CALL_SECONDS, make_client
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from playground import Playground
from playground.ack import FAILED, TIMED_OUT, Ack
from playground.choosing import controls, find_control
from playground.client import Slack
from playground.people import Done
from playground.records import Channel, Message, View
from playground.saving import dump_workspace
from playground.signed_http import answered
from tests.chaos.installing import PUBLIC_URL
from tests.simulation.faults import MAY_LOSE, Choose, ChosenFaults
from tests.simulation.wire import Envelope, MemorySession, Reply, report

Deliver = Callable[[str, Envelope], Awaitable[Reply]]
"""Hands a request of a workspace (a team id) to a process of the product. Raises ConnectionError when none is there."""

EVENTS_URL = "http://app.example/slack/events"


class MemorySlack:
    """One Slack for all processes of a history. It has one workspace, and those that are added.

    `choose` decides every fault and how long each message travels; `now` is Slack's time (epoch seconds), which never
    steps. `rate_limits`: how many times Slack's limits of calls a minute hold, 0 for none.

    `workspaces` has the playground's own client of each workspace by its team id: people and channels are added there,
    and what stands in channels, DMs, modals and Homes is read there. `faults.calm` ends all trouble.
    """

    def __init__(
        self,
        choose: Choose,
        now: Callable[[], float],
        deliver: Deliver,
        *,
        manifest: Mapping[str, Any] | None = None,
        rate_limits: float = 1.0,
        may_lose: frozenset[str] = MAY_LOSE,
        seconds: float = CALL_SECONDS,
    ) -> None:
        self._deliver = deliver
        self.faults = ChosenFaults(choose, now, may_lose=may_lose)
        self.playground = Playground(
            dict(manifest) if manifest is not None else _manifest(),
            mode="http",
            now=now,
            clock=now,
            rate_limits=rate_limits,
            post=self._post,
            faults=self.faults,
        )
        self.session = MemorySession(self.playground.handle, self.faults.wire, copy_context(), seconds)
        self._asked: dict[asyncio.Task[Reply], None] = {}
        self.acknowledged: set[str] = set()
        """The ts of messages that were told to the app, where it was installed, and that it took."""
        self.away: set[str] = set()
        """The teams that removed the app, until it is installed again: of them it takes nothing."""

    def begin(self) -> None:
        """From now on the app hears of what happens. Before, people and channels are put there, which is no news."""
        self.playground.events_url = EVENTS_URL

    # for the product

    @property
    def workspaces(self) -> Mapping[str, Slack]:
        """Each workspace by its team id."""
        return self.playground.workspaces

    @property
    def api_url(self) -> str:
        """What the product uses as SLACK_API_URL, with `session`."""
        return self.playground.api_url

    @property
    def signing_secret(self) -> str:
        """What requests to the app are signed with."""
        return self.playground.signing_secret

    def add_workspace(self, name: str, *, installed: bool = True) -> Slack:
        """One more workspace."""
        return self.playground.add_workspace(name, installed=installed)

    def client(self, token: str, team: str | None = None) -> AsyncWebClient:
        """The product's own client, over this Slack. `team`: of an organization's token, which workspace is meant."""
        session: Any = self.session
        return make_client(token, self.api_url, session, team_id=team)

    @contextmanager
    def taking_receipts(self) -> Iterator[None]:
        """Meanwhile, the product's receipts by response_url come here: for them it opens a session each time."""

        def client(url: str, timeout: int) -> AsyncWebhookClient:
            session: Any = self.session
            return AsyncWebhookClient(url, timeout=timeout, session=session)

        with patch("handlers.receipts.AsyncWebhookClient", client):
            yield

    # what people do

    async def click(self, team: str, who: str, where: Message | View, action: str, **value: Any) -> Done:
        """Press a button (by its label or action id) on a message, modal or Home; `value` as in `state.values`."""
        slack = self.workspaces[team]
        member = slack.member(who)
        blocks = where.all_blocks if isinstance(where, Message) else where.body["blocks"]
        among = controls(blocks, slack.workspace.reader)
        control = find_control(among, action, near=None, index=0, what="control", where=f"{where}")
        if isinstance(where, Message):
            return await slack.people.act_on_message(member, where, control.block_id, control.action_id, value)
        return await slack.people.act_in_view(member, where, control.block_id, control.action_id, value)

    async def command(self, team: str, who: str, place: str, command: str, text: str) -> Done:
        """Use a slash command in a channel, or in the own DM with the app (`place` "")."""
        slack = self.workspaces[team]
        return await slack.people.command(slack.member(who), self._place(team, who, place), command, text)

    async def shortcut(self, team: str, who: str, callback_id: str) -> Done:
        """Use a global shortcut."""
        slack = self.workspaces[team]
        return await slack.people.shortcut(slack.member(who), callback_id)

    async def submit(self, team: str, view: View, values: Mapping[str, Mapping[str, Any]]) -> Done:
        """Submit a modal as its owner, with `{label or id of a field: {…as in state.values, without type}}`."""
        slack = self.workspaces[team]
        typed: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            among = controls(view.body["blocks"], slack.workspace.reader)
            control = find_control(among, name, near=None, index=0, what="field", where=f"{view}")
            typed.setdefault(control.block_id, {})[control.action_id] = {"type": control.kind, **value}
        return await slack.people.submit(slack.member(view.owner), view, typed)

    def open_home(self, team: str, who: str) -> View | None:
        """Open the app's Home: the app hears of it; what stands there now."""
        slack = self.workspaces[team]
        return slack.people.open_home(slack.member(who))

    # what can be read

    def messages(self, team: str, place: str, who: str = "") -> list[Message]:
        """What stands in a channel, or in the DM of `who` with the app (`place` ""): the oldest first, with threads."""
        return self._place(team, who, place).log.everything()

    def only_for(self, team: str, who: str) -> list[Message]:
        """The messages that only this member sees, anywhere."""
        slack = self.workspaces[team]
        me = slack.member(who).id
        found = slack.workspace.channels.values()
        return [one for channel in found for one in channel.ephemerals if one.ephemeral_to == me]

    def modals(self, team: str, who: str) -> list[View]:
        """The modals that a member has open, the topmost last."""
        slack = self.workspaces[team]
        return list(slack.installation.views.stack(slack.member(who).id))

    def home(self, team: str, who: str) -> View | None:
        """What is published on a member's Home."""
        slack = self.workspaces[team]
        return slack.installation.views.homes.get(slack.member(who).id)

    def digest(self) -> str:
        """A fingerprint of all that Slack stores, shows and was asked, the same in each run of the same history."""
        kept = [self._stand(one) for one in self.workspaces.values()]
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]

    async def settled(self, seconds: float) -> bool:
        """Wait until the app has acknowledged all events; whether that came about within so many (virtual) seconds."""
        return await self.playground.delivery.settled(seconds)

    async def stop(self) -> None:
        """Forget all that is on its way."""
        await self.session.stop()
        await self.playground.stop()
        for task in list(self._asked):
            task.cancel()

    def _place(self, team: str, who: str, place: str) -> Channel:
        workspace = self.workspaces[team].workspace
        return workspace.channel(place) if place else workspace.dm(workspace.member(who), workspace.bot)

    @staticmethod
    def _stand(slack: Slack) -> dict[str, Any]:
        views = slack.installation.views
        return dump_workspace(slack.installation) | {
            "modals": {owner: [asdict(view) for view in stack] for owner, stack in views.stacks.items()},
            "home views": {owner: asdict(view) for owner, view in views.homes.items()},
            "calls": [asdict(one) for one in slack.calls],
            "refusals": [asdict(one) for one in slack.refusals],
            "notices": [asdict(one) for one in slack.notices],
            "pings": [asdict(one) for one in slack.pings],
        }

    async def _post(self, _address: str, body: bytes, headers: dict[str, str], within: float) -> Ack:
        """Take a request of Slack's to a process. What the process began goes on when Slack waits no longer."""
        envelope = Envelope.of(headers, body)
        installed = envelope.team_id not in self.away
        wire = self.faults.to_app(str(envelope))
        loop = asyncio.get_running_loop()
        asked = loop.create_task(self._ask(envelope, wire.there, wire.back))
        self._asked[asked] = None
        asked.add_done_callback(self._heard)
        await asyncio.wait({asked}, timeout=within)
        if not asked.done():
            return TIMED_OUT
        if asked.cancelled() or asked.exception() is not None:
            return FAILED
        reply = asked.result()
        installed = installed and envelope.team_id not in self.away
        if reply.status == 200 and installed and (ts := envelope.said_ts) is not None:
            self.acknowledged.add(ts)
        return answered(reply.status, reply.body, reply.content_type)

    async def _ask(self, envelope: Envelope, there: float, back: float) -> Reply:
        await asyncio.sleep(there)
        reply = await self._deliver(envelope.team_id, envelope)
        await asyncio.sleep(back)
        return reply

    def _heard(self, asked: asyncio.Task[Reply]) -> None:
        del self._asked[asked]
        if asked.cancelled() or not isinstance(asked.exception(), ConnectionError):
            report(asked)


def _manifest() -> dict[str, Any]:
    """The app's own, of which workspaces get tokens that end."""
    manifest = make_manifest(all_listeners(), redirect_url=redirect_uri(PUBLIC_URL))
    manifest["settings"]["token_rotation_enabled"] = True
    return manifest
