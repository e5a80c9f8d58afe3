"""The page's own interface, `/page/…`, as `docs/playground.md` describes it: what members read and do."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from playground.agents import Prompts
from playground.feed import Change
from playground.grants import Grants
from playground.installation import Installation
from playground.multipart import parse_multipart
from playground.page_live import sees
from playground.people import Done, People
from playground.records import Channel, Json, Member, Message, View
from playground.views import value_key
from playground.workspace import Workspace

_VALUE_KEYS = {
    "value",
    "selected_option",
    "selected_options",
    "selected_user",
    "selected_users",
    "selected_channel",
    "selected_channels",
    "selected_conversation",
    "selected_conversations",
    "selected_date",
    "selected_time",
    "selected_date_time",
    "rich_text_value",
    "files",
}


@dataclass(frozen=True)
class Control:
    """One of the demo's buttons. `run` gets the id of the member who pressed it; its answer is a sentence to show."""

    id: str
    label: str
    run: Callable[[str], Awaitable[str | None]]


@dataclass(frozen=True)
class Task:
    """Something to try first: the page becomes `member` (a name), goes to `place` and types `draft` for them.

    `place`: a channel as `#name`, `home` for the app's Home, or `app` for the conversation with the app.
    """

    role: str
    member: str
    place: str
    words: str
    draft: str = ""


class PageRefusal(Exception):
    """What the page is told when a call makes no sense: a name, and a sentence for the person."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error
        self.message = message


class PageApi:
    """Handlers for one installation. Each call names the member who acts.

    `install_url`: the app's own install link, where its Install button leads; without one, Install installs at once.
    """

    def __init__(
        self,
        installation: Installation,
        people: People,
        grants: Grants,
        controls: Sequence[Control],
        tasks: Sequence[Task] = (),
    ) -> None:
        self._installation = installation
        self._grants = grants
        self.install_url = ""
        self._workspace = installation.workspace
        self._people = people
        self.controls = list(controls)
        self._tasks = list(tasks)

    # reading

    async def state(self, args: Json) -> Json:
        """Everything the page shows around the messages; without `as`, for the first person."""
        member = self._member(args if args.get("as") else {"as": _anybody(self._workspace)})
        workspace, app = self._workspace, self._installation.app
        return {
            "as": member.id,
            "workspaces": [_on_rail(one) for one in self._grants.installations.values()],
            "team": {"id": workspace.team_id, "name": workspace.team_name, "domain": workspace.domain},
            "members": [one.as_page() for one in workspace.members.values()],
            "channels": [
                workspace.page_channel(one, member.id) for one in workspace.channels.values() if sees(member, one)
            ],
            "app": {
                "id": app.id,
                "bot_id": app.bot_id,
                "user_id": app.user_id,
                "name": app.name,
                "read_only": app.messages_read_only,
                "agent": app.agent is not None,
                "installed": app.installed,
            },
            "commands": [
                {"command": one.command, "usage_hint": one.usage_hint, "description": one.description}
                for one in app.commands.values()
            ],
            "shortcuts": [
                {"name": one.name, "type": one.type, "callback_id": one.callback_id, "description": one.description}
                for one in app.shortcuts.values()
            ],
            "now": workspace.now(),
            "controls": [{"id": one.id, "label": one.label} for one in self.controls],
            "tasks": [self._page_task(number, one) for number, one in enumerate(self._tasks)],
        }

    def _page_task(self, number: int, task: Task) -> Json:
        place = self._workspace.channel(task.place).id if task.place.startswith("#") else task.place
        return {
            "id": str(number),
            "as": self._workspace.member(task.member).id,
            "in": place,
            "role": task.role,
            "words": task.words,
            "draft": task.draft,
        }

    async def messages(self, args: Json) -> Json:
        """A stretch of a channel, with what only this member sees in its place."""
        member = self._member(args)
        channel = self._channel(args, member)
        limit = max(1, min(int(args.get("limit") or 50), 200))
        before = str(args.get("before") or "")
        shown = channel.log.top_level(latest=before)
        mine = [
            one
            for one in channel.ephemerals
            if one.ephemeral_to == member.id and not one.in_thread and (not before or one.ts < before)
        ]
        together = sorted([*shown, *mine], key=lambda one: one.ts)
        return {
            "messages": [self._workspace.page_message(one) for one in together[-limit:]],
            "has_more": len(together) > limit,
            **(self._agent(channel) if channel is self._workspace.app_dm(member) else {}),
        }

    def _agent(self, channel: Channel) -> Json:
        """What an agent suggests in its Messages tab, and what it is doing there, by thread."""
        workspace, agent = self._workspace, self._installation.app.agent
        if agent is None:
            return {}
        found = workspace.prompts.get(channel.id) or Prompts("", tuple(agent.get("suggested_prompts") or ()))
        threads = [thread for where, thread in workspace.statuses if where == channel.id]
        return found.as_page() | {"statuses": {one: workspace.status_of(channel, one) for one in threads}}

    async def thread(self, args: Json) -> Json:
        """A thread, the parent first, with what only this member sees in it."""
        member = self._member(args)
        channel = self._channel(args, member)
        ts = str(args.get("ts", ""))
        parent = channel.log.get(ts)
        if parent is None:
            raise PageRefusal("thread_not_found", "This thread is gone.")
        mine = [one for one in channel.ephemerals if one.ephemeral_to == member.id and one.thread_ts == ts]
        replies = sorted([*channel.log.replies(ts), *mine], key=lambda one: one.ts)
        return {"messages": [self._workspace.page_message(one) for one in [parent, *replies]]}

    # acting

    async def post(self, args: Json) -> Json:
        """Post what the member typed."""
        member = self._member(args)
        channel = self._channel(args, member)
        text = str(args.get("text", "")).strip()
        if not text:
            raise PageRefusal("no_text", "There is nothing to send.")
        if channel.is_archived:
            raise PageRefusal("is_archived", "This channel is archived.")
        if member.id not in channel.members:
            self._workspace.join(channel, member)
        said = self._workspace.say(channel, member, text, thread_ts=args.get("thread_ts") or None)
        return {"ts": said.ts}

    async def react(self, args: Json) -> Json:
        """React to a message, or take the reaction back."""
        member = self._member(args)
        message, _ = self._surface(args, member)
        name = str(args.get("name", "")).strip(":")
        if message is None or message.ephemeral_to or not name or len(name) > 100:
            raise PageRefusal("not_reactable", "Nobody can react to this.")
        self._workspace.react(message, member.id, name, taken_back=bool(args.get("taken_back")))
        return {}

    async def open_dm(self, args: Json) -> Json:
        """The DM with another member or with the app."""
        member = self._member(args)
        other = self._workspace.members.get(str(args.get("user", "")))
        if other is None:
            raise PageRefusal("user_not_found", "There is no such member.")
        return {"channel": self._workspace.dm(member, other).id}

    async def read(self, args: Json) -> Json:
        """Mark a channel read."""
        member = self._member(args)
        channel = self._channel(args, member)
        tops = channel.log.top_level()
        channel.read[member.id] = tops[-1].ts if tops else ""
        change = Change("unread", {"channel": channel.id, "unread": 0}, channel=channel.id, viewer=member.id)
        self._workspace.feed.tell(change)
        return {}

    async def command(self, args: Json) -> Json:
        """Use a slash command."""
        member = self._member(args)
        channel = self._channel(args, member)
        command, text = str(args.get("command", "")), str(args.get("text", ""))
        return self._outcome(await self._people.command(member, channel, command, text))

    async def action(self, args: Json) -> Json:
        """Click or choose on a message, modal or Home."""
        member = self._member(args)
        message, view = self._surface(args, member)
        block_id, action_id = str(args.get("block_id", "")), str(args.get("action_id", ""))
        value = {key: args[key] for key in _VALUE_KEYS & set(args)}
        if args.get("element") == "button":
            value = {}
        elif "value" in value and value_key(str(args.get("element", ""))) != "value":
            del value["value"]
        try:
            if view is not None:
                self._type_in(view, args)
                done = await self._people.act_in_view(member, view, block_id, action_id, value)
            elif message is not None:
                done = await self._people.act_on_message(member, message, block_id, action_id, value)
        except LookupError as gone:
            raise PageRefusal("element_not_found", str(gone)) from None
        return self._outcome(done)

    async def options(self, args: Json) -> Json:
        """What an external select offers."""
        member = self._member(args)
        message, view = self._surface(args, member)
        block_id, action_id = str(args.get("block_id", "")), str(args.get("action_id", ""))
        query = str(args.get("query", ""))
        offered = await self._people.options(member, block_id, action_id, query, message=message, view=view)
        return {"options": offered.get("options", [])} | (
            {"option_groups": offered["option_groups"]} if "option_groups" in offered else {}
        )

    async def submit(self, args: Json) -> Json:
        """Submit a modal."""
        member = self._member(args)
        _, view = self._surface(args, member)
        if view is None:
            raise PageRefusal("view_not_found", "This window is closed.")
        state = args.get("state")
        done = await self._people.submit(member, view, state if isinstance(state, dict) else {})
        return self._outcome(done) | ({"errors": done.errors} if done.errors else {})

    async def close(self, args: Json) -> Json:
        """Close a modal or the whole stack."""
        member = self._member(args)
        _, view = self._surface(args, member)
        if view is not None:
            await self._people.close(member, view, whole_stack=bool(args.get("clear")))
        return {}

    async def shortcut(self, args: Json) -> Json:
        """Use a shortcut."""
        member = self._member(args)
        message = self._surface(args, member)[0] if args.get("ts") else None
        return self._outcome(await self._people.shortcut(member, str(args.get("callback_id", "")), message))

    async def home(self, args: Json) -> Json:
        """Open App Home."""
        view = self._people.open_home(self._member(args))
        return {"view": self._installation.views.shown(view) if view else None}

    async def messages_tab(self, args: Json) -> Json:
        """Open the app's Messages tab."""
        return {"channel": self._people.open_messages(self._member(args)).id}

    async def control(self, args: Json) -> Json:
        """Run one of the demo's buttons."""
        member = self._member(args)
        for control in self.controls:
            if control.id == args.get("id"):
                sentence = await control.run(member.id)
                return {"message": sentence} if sentence else {}
        raise PageRefusal("control_not_found", "There is no such control.")

    async def install(self, args: Json) -> Json:
        """Install the app: where the browser must go for that, or nothing when it is done."""
        member = self._member(args)
        if self._grants.may_give(self._installation):
            self._grants.give(self._installation)
            return {}
        if self.install_url:
            return {"address": f"{self.install_url}?{urlencode({'team': self._workspace.team_id})}"}
        self._grants.install([self._installation], self._installation.app.asked, member.id, org_wide=False)
        return {}

    async def uninstall(self, args: Json) -> Json:
        """Remove the app from the workspace, or from the whole organization if it was installed there."""
        self._member(args)
        if self._installation.app.installed:
            self._grants.uninstall(self._installation)
        return {}

    async def take(self, args: Json) -> Json:
        """Take the workspace from the organization's installation; the organization's others keep the app."""
        self._member(args)
        if self._installation.app.installed and self._installation.app.org_wide:
            self._grants.take(self._installation)
        return {}

    async def upload(self, request: Request) -> Response:
        """Share a file (multipart). Without a `channel` it is given for a form, and shared with nobody."""
        parts = parse_multipart(request.headers.get("content-type", ""), await request.body())
        args = {name: part.text for name, part in parts.items() if part.filename is None}
        member = self._member(args)
        channel = self._channel(args, member) if "channel" in args else None
        file = parts.get("file")
        if file is None or not file.content:
            raise PageRefusal("no_file", "There is no file in it.")
        if channel is None:
            given = self._people.give(member, file.filename or "file", file.content)
            return JSONResponse({"ok": True, "file": given.as_input()})
        shared = self._people.upload(member, channel, file.filename or "file", file.content)
        return JSONResponse({"ok": True, "ts": shared.ts})

    # what a call means

    def _member(self, args: Json) -> Member:
        member = self._workspace.members.get(str(args.get("as", "")))
        if member is None:
            raise PageRefusal("user_not_found", "There is no such member.")
        return member

    def _channel(self, args: Json, member: Member) -> Channel:
        channel = self._workspace.channels.get(str(args.get("channel", "")))
        if channel is None or not sees(member, channel):
            raise PageRefusal("channel_not_found", "There is no such channel.")
        return channel

    def _surface(self, args: Json, member: Member) -> tuple[Message | None, View | None]:
        if view_id := args.get("view_id"):
            view = self._installation.views.get(str(view_id))
            if view is None or view.owner != member.id:
                raise PageRefusal("view_not_found", "This window is closed.")
            return None, view
        channel = self._channel(args, member)
        message = self._workspace.find_message(channel, str(args.get("ts", "")), viewer=member.id)
        if message is None:
            raise PageRefusal("message_not_found", "This message is gone.")
        return message, None

    def _type_in(self, view: View, args: Json) -> None:
        state = args.get("state")
        if isinstance(state, dict):
            self._installation.views.type_in(view, state)

    @staticmethod
    def _outcome(done: Done) -> Json:
        return {"ok": False, "error": "app_failed", "message": done.sentence} if done.sentence else {}


def _anybody(workspace: Workspace) -> str:
    people = [one.id for one in workspace.members.values() if not one.is_bot and not one.deleted]
    return people[0] if people else workspace.bot.id


def _on_rail(installation: Installation) -> Json:
    workspace, app = installation.workspace, installation.app
    organization = workspace.organization
    return {
        "id": workspace.team_id,
        "name": workspace.team_name,
        "organization": organization.name if organization else None,
        "installed": app.installed,
        "org_wide": app.org_wide,
    }


def refused(refusal: PageRefusal) -> Response:
    return JSONResponse({"ok": False, "error": refusal.error, "message": refusal.message})
