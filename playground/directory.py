"""Who and what there is in a workspace, and how each is found: its people, the app's bot user, channels and files."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from time import time
from zoneinfo import ZoneInfo

from playground.agents import Prompts, Status
from playground.app import HOME_TEAM, App
from playground.feed import Change, Feed
from playground.ids import Ids
from playground.markup import Reader
from playground.records import Channel, File, Json, Member, Notice, Organization, Ping
from playground.runs import Run

_COLORS = ("e96699", "3c8c69", "4bbe2e", "2b6836", "db3150", "674b1b", "5870dd", "902d59", "d58247", "235e5b")


class Directory:
    """A team with one app. `now` gives the time of messages in epoch seconds and may be moved by a demo.

    `organization`: the Enterprise organization it belongs to, if any. `mark` stands in its ids.
    """

    def __init__(
        self,
        app: App,
        *,
        now: Callable[[], float] = time,
        team_name: str = "Playground",
        team_id: str = HOME_TEAM,
        mark: str = "PG",
        organization: Organization | None = None,
    ) -> None:
        self.app = app
        self.now = now
        self.team_id = team_id
        self.organization = organization
        self.mark = mark
        self.team_name = team_name
        self.domain = team_name.lower().replace(" ", "-")
        self.url = f"https://{self.domain}.slack.com/"
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.pings: list[Ping] = []
        self.notices: list[Notice] = []
        self.feed = Feed()
        self.runs: dict[str, Run] = {}
        self.prompts: dict[str, Prompts] = {}  # by the id of a DM with the app
        self.statuses: dict[tuple[str, str], Status] = {}  # by channel and thread
        self.on_event: Callable[[Json], None] = lambda _event: None
        self.reader = Reader(self._name_of)
        self.ids = Ids(now, mark)
        self.new_id = self.ids.new_id
        self.new_ts = self.ids.new_ts
        self.bot = self._bot_user()

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
        """Let someone join the team; everyone is in #general when there is one."""
        if any(one.name == name for one in self.members.values()):
            raise ValueError(f"there already is a member called {name}")
        offset = datetime.fromtimestamp(self.now(), ZoneInfo(tz)).utcoffset()
        member = Member(
            id=self.new_id("W" if self.organization else "U"),
            name=name,
            real_name=real_name or name.replace("-", " ").replace(".", " ").title(),
            email=email or f"{name}@{self.domain}.example",
            tz=tz,
            tz_offset=int(offset.total_seconds()) if offset else 0,
            title=title,
            is_admin=is_admin or is_owner or is_primary_owner,
            is_owner=is_owner or is_primary_owner,
            is_primary_owner=is_primary_owner,
            is_guest=is_guest,
            home=home,
            deleted=deleted,
            color=_COLORS[len(self.members) % len(_COLORS)],
        )
        if self.organization:
            member.enterprise = {
                "id": member.id,
                "enterprise_id": self.organization.id,
                "enterprise_name": self.organization.name,
                "is_admin": False,
                "is_owner": False,
                "teams": [],
            }
        return self.admit(member)

    def admit(self, member: Member) -> Member:
        """Let in somebody with their id: a newcomer, or a member of another workspace of the organization.

        They are somebody of their own here (an admin of one workspace is none of the next), of the same id.
        """
        member = replace(member)
        self.members[member.id] = member
        if member.enterprise:
            member.enterprise["teams"].append(self.team_id)
        self._tell_members()
        self.on_event({"type": "team_join", "user": member.as_user(self.team_id, with_email=False)})
        return member

    def app_came(self) -> None:
        """The app was installed: its bot user is a member (the one there was before, if it was)."""
        self.bot = self._bot_user()
        self._tell_members()

    def app_dm(self, member: Member) -> Channel | None:
        """The DM of a member with the app, if there is one."""
        return next(
            (one for one in self.channels.values() if one.is_im and set(one.members) == {member.id, self.bot.id}), None
        )

    def member(self, reference: str) -> Member:
        """A member by id, name or @name; LookupError names those there are."""
        known = self.members.get(reference)
        name = reference.removeprefix("@")
        known = known or next((one for one in self.members.values() if one.name == name), None)
        if known is None:
            names = ", ".join(sorted(one.name for one in self.members.values()))
            raise LookupError(f"no member {reference!r}; there are: {names}")
        return known

    def channel(self, reference: str) -> Channel:
        """A channel by id, name or #name; LookupError names those there are."""
        known = self.channels.get(reference)
        name = reference.removeprefix("#")
        known = known or next((one for one in self.channels.values() if one.name == name and not one.is_im), None)
        if known is None:
            names = ", ".join(sorted(f"#{one.name}" for one in self.channels.values() if not one.is_im))
            raise LookupError(f"no channel {reference!r}; there are: {names}")
        return known

    def _name_of(self, reference: str) -> str:
        if reference in self.members:
            return self.members[reference].name
        return self.channels[reference].name if reference in self.channels else reference

    def _bot_user(self) -> Member:
        app = self.app
        bot = self.members.get(app.user_id) or Member(
            id=app.user_id, name=app.bot_name, real_name=app.name, email="", is_bot=True, bot_id=app.bot_id
        )
        bot.deleted = not app.installed
        self.members[bot.id] = bot
        return bot

    def _tell_members(self) -> None:
        self.feed.tell(Change("members", {"members": [one.as_page() for one in self.members.values()]}))
