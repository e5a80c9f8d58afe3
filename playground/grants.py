"""Where the app is installed: whose token is whose, and what happens when it is installed or removed.

Sources: https://docs.slack.dev/authentication/installing-with-oauth, https://docs.slack.dev/enterprise/developing-for-enterprise-orgs
https://docs.slack.dev/reference/events/app_uninstalled and https://docs.slack.dev/reference/events/team_access_granted
"""

from collections.abc import Iterable
from dataclasses import dataclass

from playground.errors import SlackError
from playground.installation import Installation
from playground.records import Json, Organization
from playground.tokens import Tokens

_NEED_TEAM = {"conversations.list", "conversations.create", "users.list", "users.conversations"}


@dataclass(frozen=True)
class _Bot:
    """Who the app is where it was installed at once: in a workspace, or in a whole organization."""

    user_id: str
    bot_id: str
    tokens: Tokens


class Grants:
    """Every workspace of the playground. `revoked_first`: `tokens_revoked` comes before `app_uninstalled`, not after.

    Slack promises no order of the two.
    """

    def __init__(self) -> None:
        self.installations: dict[str, Installation] = {}
        self.organizations: dict[str, Organization] = {}
        self.revoked_first = False
        self._bots: dict[str, _Bot] = {}
        self._given: dict[str, tuple[str, ...]] = {}  # the scopes of organizations that installed the app as a whole

    def add(self, installation: Installation) -> None:
        """One more workspace."""
        workspace, app = installation.workspace, installation.app
        self.installations[workspace.team_id] = installation
        self._bots[workspace.team_id] = _Bot(app.user_id, app.bot_id, app.tokens)
        organization = workspace.organization
        if organization is not None and organization.id not in self._bots:
            self.organizations[organization.id] = organization
            tokens = Tokens(f"playground/{app.name}/bot/{organization.id}", rotates=app.tokens.rotates)
            self._bots[organization.id] = _Bot(f"W{organization.id[1:]}", f"B{organization.id[1:]}", tokens)

    @property
    def home(self) -> Installation:
        """The first workspace."""
        return next(iter(self.installations.values()))

    def within(self, organization: Organization) -> list[Installation]:
        """The workspaces of an organization."""
        return [one for one in self.installations.values() if one.workspace.organization is organization]

    def reached_by(self, installation: Installation) -> list[Installation]:
        """The workspaces that this workspace's token opens: the organization's, when it was installed org-wide."""
        organization = installation.workspace.organization
        if organization is None or not installation.app.org_wide:
            return [installation]
        return [one for one in self.within(organization) if one.app.org_wide]

    # tokens

    def of_token(self, token: str) -> list[Installation]:
        """The workspaces where this token was ever good: several for an organization's."""
        known = [one for key, one in self.installations.items() if self._bots[key].tokens.knows(token)]
        for key, organization in self.organizations.items():
            if self._bots[key].tokens.knows(token):
                known += self.within(organization)
        return known

    def trouble(self, token: str) -> str | None:
        """Slack's name for what is wrong with a bot token; None for one that lives."""
        found = self.of_token(token)
        if not found:
            return "invalid_auth"
        bot = next(one for one in self._bots.values() if one.tokens.knows(token))
        if trouble := bot.tokens.trouble(token, found[0].workspace.now()):
            return trouble
        mine = [one for one in found if one.app.tokens is bot.tokens and one.app.installed]
        if not mine:
            return "account_inactive"
        return "token_revoked" if mine[0].app.revoked else None

    def chosen(self, token: str, method: str, args: Json) -> Installation:
        """The workspace that a call with a living bot token is about.

        An organization's token must say so with `team_id` where nothing else does: `missing_argument` (`arg`).
        """
        found = self.of_token(token)
        reached = [one for one in found if (one.app.org_wide and one.app.bot_token == token) or len(found) == 1]
        if not reached or not reached[0].app.org_wide:
            return found[0]
        if team := str(args.get("team_id") or args.get("team") or ""):
            for one in reached:
                if one.workspace.team_id == team:
                    return one
            raise SlackError("team_access_not_granted")
        if method in _NEED_TEAM:
            raise SlackError("missing_argument", arg="team_id")
        return next((one for one in reached if _is_about(one, args)), reached[0])

    # coming and going

    def install(
        self, installations: Iterable[Installation], scopes: Iterable[str], installer: str | None, *, org_wide: bool
    ) -> None:
        """Install the app. What was granted before stays granted: Slack only adds scopes to a living installation."""
        asked = set(scopes)
        for one in installations:
            workspace, app = one.workspace, one.app
            organization = workspace.organization
            bot = self._bots[organization.id if org_wide and organization else workspace.team_id]
            kept = set(app.scopes) if app.installed and not app.revoked and app.tokens is bot.tokens else set()
            app.scopes = tuple(scope for scope in dict.fromkeys([*app.asked, *sorted(asked)]) if scope in asked | kept)
            app.user_id, app.bot_id, app.tokens = bot.user_id, bot.bot_id, bot.tokens
            app.installed, app.revoked, app.org_wide, app.installer = True, False, org_wide, installer
            workspace.app_came()
            if org_wide and organization:
                self._given[organization.id] = app.scopes
        bot.tokens.granted(workspace.now())

    def uninstall(self, installation: Installation, why: str = "account_inactive") -> None:
        """Remove the app (org-wide: from the whole organization); its tokens are dead, and it hears of both."""
        gone = self.reached_by(installation)
        first = gone[0]
        if first.app.org_wide and first.workspace.organization is not None:
            self._given.pop(first.workspace.organization.id, None)
        first.app.tokens.kill(why)
        for one in gone:
            one.app.installed = False
            one.workspace.app_left()
        revoked: Json = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [first.app.user_id]}}
        events: list[Json] = [{"type": "app_uninstalled"}, revoked]
        for event in reversed(events) if self.revoked_first else events:
            first.workspace.on_event(event)
        for one in gone:
            one.app.org_wide = False

    def may_give(self, installation: Installation) -> bool:
        """Whether the organization installed the app as a whole, and this workspace of it is without."""
        organization = installation.workspace.organization
        return organization is not None and organization.id in self._given and not installation.app.installed

    def give(self, installation: Installation) -> None:
        """An admin of the organization adds a workspace to its installation: `team_access_granted`."""
        organization, app = installation.workspace.organization, installation.app
        if organization is None or not self.may_give(installation):
            raise ValueError("the organization did not install the app, or the workspace has it")
        bot = self._bots[organization.id]
        app.user_id, app.bot_id, app.tokens = bot.user_id, bot.bot_id, bot.tokens
        app.scopes, app.installed, app.revoked, app.org_wide = self._given[organization.id], True, False, True
        installation.workspace.app_came()
        installation.workspace.on_event(_access("granted", installation))

    def take(self, installation: Installation) -> None:
        """An admin of the organization takes a workspace from its installation: `team_access_revoked`."""
        app = installation.app
        if not (app.installed and app.org_wide):
            raise ValueError("the app is not in this workspace by its organization")
        app.installed = False
        installation.workspace.app_left()
        installation.workspace.on_event(_access("revoked", installation))
        app.org_wide = False


def _access(how: str, installation: Installation) -> Json:
    return {"type": f"team_access_{how}", "team_ids": [installation.workspace.team_id]}


def _is_about(installation: Installation, args: Json) -> bool:
    workspace = installation.workspace
    named = {str(args.get(name) or "") for name in ("channel", "channel_id", "user", "user_id", "users", "file")}
    known = named & (workspace.channels.keys() | workspace.members.keys() | workspace.files.keys())
    views = installation.views
    by_view = bool(args.get("view_id")) and views.get(str(args["view_id"])) is not None
    return bool(known) or by_view or installation.triggers.knows(str(args.get("trigger_id") or ""))
