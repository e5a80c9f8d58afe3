"""Slack for tests: act as people do, in this process, while the bot is reached over the real transport.

card = await slack.channel("#leads").message(containing="Northwind")
receipt = await card.button("Claim").click(by="rep-1")
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from playground.grants import Grants
from playground.installation import Installation
from playground.messages import Message
from playground.modals import Home, Modal
from playground.people import Done, People
from playground.records import Call, Channel, Member, Notice, Ping, Refusal
from playground.surfaces import Nothing, Sentence, Surface
from playground.watch import Watch
from playground.workspace import Workspace

T = TypeVar("T")


class Place:
    """A channel, or a member's DM with the app (which comes into being with its first message)."""

    def __init__(
        self, slack: "Slack", name: str, find: Callable[[], Channel | None], person: str | None = None
    ) -> None:
        self._slack = slack
        self._find = find
        self._person = person
        self.name = name

    @property
    def id(self) -> str:
        """The channel's id."""
        return self._channel().id

    @property
    def members(self) -> list[str]:
        """Names of those in it, the bot included."""
        channel = self._find()
        return [self._slack.workspace.members[one].name for one in channel.members] if channel else []

    @property
    def messages(self) -> list[Message]:
        """Its messages outside threads, oldest first."""
        channel = self._find()
        return [Message(self._slack, one) for one in channel.log.top_level()] if channel else []

    async def open(self) -> None:
        """Open the app's Messages tab, as the person whose DM this is."""
        self._slack.people.open_messages(self._member(None))

    def ephemerals(self, to: str) -> list[Message]:
        """What only this member sees here, oldest first."""
        channel = self._find()
        viewer = self._slack.workspace.member(to).id
        shown = channel.ephemerals if channel else []
        return [Message(self._slack, one) for one in shown if one.ephemeral_to == viewer]

    async def message(self, containing: str = "", *, wait: float | None = None) -> Message:
        """The latest message that contains this text, when it comes."""
        read: dict[str, int] = {}

        def look() -> Message | None:
            for one in reversed(self.messages):
                if read.get(one.ts) == one.record.revision:
                    continue
                if containing in one.text:
                    return one
                read[one.ts] = one.record.revision
            return None

        return await self._slack.wait_for(
            look, wait, lambda: f"no message containing {containing!r} in {self.name}\n{self._slack.dump(self)}"
        )

    async def ephemeral(self, to: str, containing: str = "", *, wait: float | None = None) -> Message:
        """The latest message only for this member that contains this text, when it comes."""
        return await self._slack.wait_for(
            lambda: next((one for one in reversed(self.ephemerals(to)) if containing in one.text), None),
            wait,
            lambda: f"nothing for {to} containing {containing!r} in {self.name}\n{self._slack.dump(self)}",
        )

    async def stays_quiet(self, seconds: float = 0.3) -> None:
        """Fail when a new message comes within so many seconds."""
        before = len(self.messages)
        await self._slack.workspace.feed.until(lambda: len(self.messages) > before or None, seconds)
        if len(self.messages) > before:
            raise AssertionError(f"{self.name} did not stay quiet\n{self._slack.dump(self)}")

    async def command(self, line: str, by: str | None = None, *, answer_within: float | None = None) -> Surface:
        """Use a slash command, such as `/voc too expensive`, and get what answers."""
        member, channel = self._member(by), self._channel()
        command, _, text = line.partition(" ")
        return await self._slack.answer(
            member, lambda: self._slack.people.command(member, channel, command, text), answer_within
        )

    async def post(self, text: str, by: str | None = None, *, thread: Message | None = None) -> Message:
        """Post what a person typed; the app hears of it where it is subscribed."""
        thread_ts = thread.record.ts if thread else None
        said = self._slack.workspace.say(self._channel(), self._member(by), text, thread_ts=thread_ts)
        return Message(self._slack, said)

    async def upload(self, name: str, content: bytes, by: str | None = None) -> Message:
        """Share a file."""
        return Message(self._slack, self._slack.people.upload(self._member(by), self._channel(), name, content))

    async def join(self, who: str) -> None:
        """Let a member join."""
        self._slack.workspace.join(self._channel(), self._slack.workspace.member(who))

    def _channel(self) -> Channel:
        found = self._find()
        if found is not None:
            return found
        if self._person is None:
            raise AssertionError(f"there is no {self.name}")
        workspace = self._slack.workspace
        return workspace.dm(workspace.member(self._person), workspace.bot)

    def _member(self, by: str | None) -> Member:
        who = by or self._person
        if who is None:
            raise AssertionError("say who acts: by=…")
        return self._slack.workspace.member(who)


class HomeTab:
    """A member's Home tab, before it is looked at."""

    def __init__(self, slack: "Slack", member: Member) -> None:
        self._slack = slack
        self._member = member

    @property
    def current(self) -> Home | None:
        """What is published now, without opening it."""
        view = self._slack.installation.views.homes.get(self._member.id)
        return Home(self._slack, view) if view else None

    async def open(self, *, wait: float | None = None) -> Home:
        """Open it: the app hears `app_home_opened`. It is the Home published after that or, without one, before."""
        before = self.current
        seen = before.view.hash if before else ""
        self._slack.people.open_home(self._member)

        def look() -> Home | None:
            home = self.current
            return home if home and home.view.hash != seen else None

        # Once the app has acknowledged the event, a Home that is as it was will hardly be published again.
        if before is not None and wait is None:
            await self._slack.people.settled(self._slack.answer_within)
            wait = self._slack.settle
        found = await self._slack.workspace.feed.until(look, self._slack.patience if wait is None else wait) or before
        if found is None:
            raise AssertionError(f"the app published no Home for {self._member.name}\n{self._slack.dump()}")
        return found


class Slack:
    """A workspace in the hands of a test.

    `patience`: seconds that waits for messages last at most. `answer_within`: seconds in which an answer to a click
    must come; once the app has done anything visible, only `settle` more seconds are waited for one.
    """

    def __init__(self, installation: Installation, people: People, grants: Grants) -> None:
        self.installation = installation
        self.grants = grants
        self.people = people
        self.patience = 5.0
        self.answer_within = 1.0
        self.settle = 0.2

    @property
    def workspace(self) -> Workspace:
        """The state behind it all."""
        return self.installation.workspace

    @property
    def team_id(self) -> str:
        """The workspace's id."""
        return self.workspace.team_id

    @property
    def bot_token(self) -> str:
        """The bot's token here."""
        return self.installation.app.bot_token

    # who and where

    def add_member(
        self,
        name: str,
        *,
        real_name: str | None = None,
        email: str | None = None,
        tz: str = "UTC",
        title: str = "",
        is_admin: bool = False,
        is_owner: bool = False,
        is_primary_owner: bool = False,
        is_guest: bool = False,
        home: str | None = None,
        deleted: bool = False,
    ) -> Member:
        """Let someone join the workspace; the answer carries their `id`. The app hears `team_join`."""
        return self.workspace.add_member(
            name,
            real_name=real_name,
            email=email,
            tz=tz,
            title=title,
            is_admin=is_admin,
            is_owner=is_owner,
            is_primary_owner=is_primary_owner,
            is_guest=is_guest,
            home=home,
            deleted=deleted,
        )

    def admit(self, member: Member) -> Member:
        """Let a member of another workspace of the organization join this one too, with the same id."""
        return self.workspace.admit(member)

    def add_channel(
        self,
        name: str,
        *,
        members: Sequence[str] | None = None,
        app: bool = False,
        private: bool = False,
        archived: bool = False,
        topic: str = "",
    ) -> Channel:
        """Make a channel with these members (None: everyone so far); `app` puts the bot in it."""
        workspace = self.workspace
        people = [one for one in workspace.members.values() if not one.is_bot and not one.deleted]
        inside = people if members is None else [workspace.member(one) for one in members]
        return workspace.add_channel(
            name,
            members=[*inside, *([workspace.bot] if app else [])],
            private=private,
            archived=archived,
            topic=topic,
        )

    def install_app(self, scopes: Sequence[str] | None = None, *, by: str | None = None) -> str:
        """Install the app as an admin would, without OAuth: with these scopes, or all it asks for. The bot's token."""
        installer = self.workspace.member(by).id if by else None
        asked = self.installation.app.asked if scopes is None else scopes
        self.grants.install([self.installation], asked, installer, org_wide=False)
        return self.bot_token

    def uninstall_app(self) -> None:
        """Remove the app, as an admin would: its tokens are dead, and it hears `app_uninstalled`, `tokens_revoked`."""
        self.grants.uninstall(self.installation)

    def give_app(self) -> None:
        """Add the workspace to its organization's installation, as the organization's admin would."""
        self.grants.give(self.installation)

    def take_app(self) -> None:
        """Take the workspace from its organization's installation, as the organization's admin would."""
        self.grants.take(self.installation)

    @property
    def pings(self) -> list[Ping]:
        """Whom the app's posts notified, in order."""
        return self.workspace.pings

    @property
    def calls(self) -> list[Call]:
        """Every Web API call of the app, in order."""
        return self.installation.calls

    @property
    def refusals(self) -> list[Refusal]:
        """Every call and answer of the app that Slack refused for what was in it; tests assert that it is empty."""
        return self.installation.refusals

    @property
    def notices(self) -> list[Notice]:
        """What Slack itself told people, such as that the app did not respond."""
        return self.workspace.notices

    def calls_of(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [one for one in self.calls if one.method == method]

    def member(self, name: str) -> Member:
        """A member by name or id."""
        return self.workspace.member(name)

    def channel(self, name: str) -> Place:
        """A channel by `#name` or id."""
        channel = self.workspace.channel(name)
        return Place(self, f"#{channel.name}", lambda: channel)

    def dm(self, name: str) -> Place:
        """A member's DM with the app."""
        member = self.workspace.member(name)
        return Place(self, f"the DM of {member.name}", lambda: self.workspace.app_dm(member), member.name)

    def home(self, name: str) -> HomeTab:
        """A member's Home tab of the app."""
        return HomeTab(self, self.workspace.member(name))

    def modal(self, of: str) -> Modal | None:
        """The topmost modal that a member has open."""
        stack = self.installation.views.stack(self.workspace.member(of).id)
        return Modal(self, stack[-1]) if stack else None

    async def shortcut(self, name: str, by: str, *, answer_within: float | None = None) -> Surface:
        """Use a global shortcut, by its name or callback id."""
        member = self.workspace.member(by)
        callback_id = self.callback_id(name)
        return await self.answer(member, lambda: self.people.shortcut(member, callback_id), answer_within)

    def callback_id(self, name: str) -> str:
        """The callback id of a shortcut that is called by its name or by that id."""
        shortcuts = self.installation.app.shortcuts
        if name in shortcuts:
            return name
        for shortcut in shortcuts.values():
            if shortcut.name == name:
                return shortcut.callback_id
        there = ", ".join(repr(one.name) for one in shortcuts.values()) or "none"
        raise AssertionError(f"there is no shortcut {name!r}; there are: {there}")

    async def wait_for(self, look: Callable[[], T | None], wait: float | None, why: Callable[[], str]) -> T:
        """What `look` finds, looking after every change; AssertionError with `why` when `wait` seconds pass."""
        found = await self.workspace.feed.until(look, self.patience if wait is None else wait)
        if found is None:
            raise AssertionError(why())
        return found

    async def answer(
        self, member: Member, act: Callable[[], Awaitable[Done]], answer_within: float | None = None
    ) -> Surface:
        """Let a member act, and find what answers them (see `answer_within`)."""
        within = self.answer_within if answer_within is None else answer_within
        views = self.installation.views
        watch = Watch(self.workspace.feed, member, views.stack(member.id))
        try:
            done = await act()
            if done.sentence:
                return Sentence(self, done.sentence)
            if done.errors:
                return Nothing(self)
            loop = asyncio.get_running_loop()
            deadline = loop.time() + within

            def look() -> Surface | None:
                if view_id := watch.shown_view():
                    view = views.get(view_id)
                    return Modal(self, view) if view else None
                if record := watch.shown_ephemeral(self.workspace.channels):
                    return Message(self, record)
                return None

            if done.posted:
                return look() or Message(self, done.posted)
            found = await self.workspace.feed.until(lambda: look() or watch.effects or None, within)
            if found is None or isinstance(found, Surface):
                return found or Nothing(self)
            left = max(0.0, min(self.settle, deadline - loop.time()))
            return await self.workspace.feed.until(look, left) or Nothing(self)
        finally:
            watch.stop()

    def dump(self, place: Place | None = None) -> str:
        """What stands in a place (or everywhere), and what went wrong so far, for messages of failed tests."""
        places: list[Place] = [place] if place else [self.channel(one.id) for one in self._channels()]
        lines: list[str] = []
        for each in places:
            lines.append(f"--- {each.name} ({', '.join(each.members)}):")
            lines += [_line(one) for one in each.messages[-20:]] or ["(empty)"]
            found = each._find()
            for one in found.ephemerals[-10:] if found else []:
                viewer = self.workspace.members[one.ephemeral_to or ""].name
                lines.append(f"[only {viewer}] {_line(Message(self, one))}")
        lines += [f"refused: {one.method} {one.error} {' '.join(one.detail)}" for one in self.refusals[-5:]]
        lines += [f"notice to {self.workspace.members[one.member].name}: {one.message}" for one in self.notices[-5:]]
        return "\n".join(lines)

    def _channels(self) -> list[Channel]:
        return list(self.workspace.channels.values())


def _line(message: Message) -> str:
    buttons = f"  {message.buttons}" if message.buttons else ""
    more = f"  (+{len(message.replies)} replies)" if message.replies else ""
    return f"{message.author}: {message.text}{buttons}{more}"
