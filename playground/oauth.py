"""Installing by OAuth: somebody allows it in the browser, the app exchanges the code for the bot's token.

Sources: https://docs.slack.dev/authentication/installing-with-oauth, https://docs.slack.dev/reference/methods/oauth.v2.access
and, for an organization, https://docs.slack.dev/enterprise/developing-for-enterprise-orgs
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import count
from urllib.parse import parse_qs, urlencode, urlsplit

from playground.errors import SlackError
from playground.grants import Grants
from playground.installation import Installation
from playground.records import Json, Organization
from playground.tokens import LIFETIME

CODE_LIFETIME = 600.0


@dataclass(frozen=True)
class Asked:
    """What the app asks for at `/oauth/v2/authorize`. `redirect_uri` is "" when the address did not name one."""

    scopes: tuple[str, ...]
    redirect_uri: str
    back: str
    state: str
    team: str


@dataclass
class _Code:
    """A code that was given out: for which workspaces, and with what."""

    installations: list[Installation]
    org_wide: bool
    scopes: tuple[str, ...]
    redirect_uri: str
    installer: str | None
    born: float
    used: bool = False


class OAuth:
    """The consent page's other half. Codes serve once, within ten minutes of the workspace's time."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants
        self._codes: dict[str, _Code] = {}
        self._numbers = count(1)

    def asked(self, query: Mapping[str, str]) -> Asked:
        """Read the consent page's address. Refused with `invalid_client_id`, `bad_redirect_uri` or `invalid_scope`."""
        app, manifest = self._grants.home.app, self._grants.home.manifest
        if query.get("client_id") != app.client_id:
            raise SlackError("invalid_client_id")
        allowed = manifest.get("oauth_config", {}).get("redirect_urls") or []
        redirect_uri = query.get("redirect_uri", "")
        back = redirect_uri or next(iter(allowed), "")
        if not back or (allowed and not any(back.startswith(one) for one in allowed)):
            raise SlackError("bad_redirect_uri")
        scopes = tuple(one for one in query.get("scope", "").replace(" ", ",").split(",") if one)
        if not scopes and not query.get("user_scope"):
            raise SlackError("invalid_scope")
        return Asked(scopes, redirect_uri, back, query.get("state", ""), query.get("team", ""))

    def allow(self, asked: Asked, place: str, *, without: Collection[str] = (), by: str | None = None) -> str:
        """Allow it in a workspace or (by its id) a whole organization: where the browser goes, with the code.

        `without` are optional scopes that are refused; those that are not optional are granted all the same.
        """
        organization = self._grants.organizations.get(place)
        if organization is None and place not in self._grants.installations:
            raise SlackError("team_not_found")
        found = self._grants.within(organization) if organization else [self._grants.installations[place]]
        optional = self._grants.home.app.optional
        code = f"{next(self._numbers)}.{found[0].workspace.mark}.{found[0].workspace.new_ts()}"
        self._codes[code] = _Code(
            installations=found,
            org_wide=organization is not None,
            scopes=tuple(one for one in asked.scopes if one not in optional or one not in without),
            redirect_uri=asked.redirect_uri,
            installer=by or _installer(found[0]),
            born=found[0].workspace.now(),
        )
        return _with(asked.back, code=code, state=asked.state)

    def cancel(self, asked: Asked) -> str:
        """Where the browser goes after Cancel."""
        return _with(asked.back, error="access_denied", state=asked.state)

    def access(self, args: Json) -> Json:
        """`oauth.v2.access`: a code, or with `grant_type=refresh_token` a refresh token, for the bot's token."""
        self.check_client(args)
        match args.get("grant_type") or "authorization_code":
            case "authorization_code":
                return self._exchange(str(args.get("code") or ""), str(args.get("redirect_uri") or ""))
            case "refresh_token":
                return self._refresh(str(args.get("refresh_token") or ""))
            case _:
                raise SlackError("invalid_grant_type")

    def check_client(self, args: Json) -> None:
        """Refuse a client that is not this app: `invalid_client_id`, `bad_client_secret`."""
        app = self._grants.home.app
        if args.get("client_id") != app.client_id:
            raise SlackError("invalid_client_id")
        if args.get("client_secret") != app.client_secret:
            raise SlackError("bad_client_secret")

    def _exchange(self, value: str, redirect_uri: str) -> Json:
        code = self._codes.get(value)
        if code is None:
            raise SlackError("invalid_code")
        if code.used:
            raise SlackError("code_already_used")
        first = code.installations[0]
        if first.workspace.now() - code.born > CODE_LIFETIME:
            raise SlackError("invalid_code")
        if redirect_uri != code.redirect_uri:
            raise SlackError("bad_redirect_uri")
        code.used = True
        self._grants.install(code.installations, code.scopes, code.installer, org_wide=code.org_wide)
        return _granted(first) | {"authed_user": {"id": code.installer}}

    def _refresh(self, refresh: str) -> Json:
        for installation in self._grants.installations.values():
            if installation.app.installed and installation.app.tokens.has_refresh(refresh):
                installation.app.tokens.exchange(refresh, installation.workspace.now())
                return _granted(installation)
        raise SlackError("invalid_refresh_token")


def read_address(url: str) -> dict[str, str]:
    """The query of an address, each name once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}


def _granted(installation: Installation) -> Json:
    app, workspace = installation.app, installation.workspace
    organization: Organization | None = workspace.organization
    rotating = {"refresh_token": app.tokens.refresh, "expires_in": LIFETIME} if app.tokens.rotates else {}
    return {
        "ok": True,
        "access_token": app.bot_token,
        "token_type": "bot",
        "scope": ",".join(app.scopes),
        "bot_user_id": app.user_id,
        "app_id": app.id,
        "team": None if app.org_wide else {"id": workspace.team_id, "name": workspace.team_name},
        "enterprise": organization.as_json() if organization else None,
        "is_enterprise_install": app.org_wide,
        **rotating,
    }


def _installer(installation: Installation) -> str | None:
    people = [one for one in installation.workspace.members.values() if not one.is_bot and not one.deleted]
    people.sort(key=lambda one: (not one.is_primary_owner, not one.is_admin))
    return people[0].id if people else None


def _with(address: str, **query: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"
