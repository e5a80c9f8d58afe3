"""`api.test`, `auth.*`, `apps.*` and `oauth.*`: the app's own identity, its installation, and its socket."""

from playground.errors import SlackError
from playground.methods.call import Answer, ApiCall, Method


def api_test(call: ApiCall) -> Answer:
    """Echo; with `error`, fail by that name."""
    if error := call.text("error"):
        raise SlackError(error, args={"error": error})
    return {"ok": True, "args": {key: value for key, value in call.args.items() if key != "token"}}


def auth_test(call: ApiCall) -> Answer:
    """Who this token is. An organization's token names the organization where a workspace's names the workspace."""
    workspace, app = call.workspace, call.app
    organization = workspace.organization
    answer: Answer = {
        "ok": True,
        "url": workspace.url,
        "team": workspace.team_name,
        "user": app.bot_name,
        "team_id": workspace.team_id,
        "user_id": app.user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": app.org_wide,
    }
    if organization is None:
        return answer
    answer |= {"enterprise_id": organization.id}
    if app.org_wide:
        url = f"https://{organization.domain}.enterprise.slack.com/"
        answer |= {"url": url, "team": organization.name, "team_id": organization.id}
    return answer


def auth_revoke(call: ApiCall) -> Answer:
    """Make the bot token worthless (`test=1` only says that it could be). It is the app's last: the app is gone."""
    if call.flag("test"):
        return {"ok": True, "revoked": False}
    call.grants.uninstall(call.installation, "token_revoked")
    return {"ok": True, "revoked": True}


def open_connection(call: ApiCall) -> Answer:
    """A WebSocket address for Socket Mode, good for one connection."""
    return {"ok": True, "url": call.installation.new_socket_url()}


def uninstall(call: ApiCall) -> Answer:
    """Remove the app from the workspace, or from the organization."""
    call.oauth.check_client(call.args)
    call.grants.uninstall(call.installation)
    return {"ok": True}


def oauth_access(call: ApiCall) -> Answer:
    """Exchange the code of an installation, or a refresh token, for the bot's token."""
    return call.oauth.access(call.args)


def teams_list(call: ApiCall) -> Answer:
    """The workspaces that the token opens, a page at a time."""
    reached = [one.workspace for one in call.grants.reached_by(call.installation)]
    page, cursor = call.page(reached, 100)
    teams = [{"id": one.team_id, "name": one.team_name} for one in page]
    return {"ok": True, "teams": teams, "response_metadata": {"next_cursor": cursor}}


METHODS: dict[str, Method] = {
    "api.test": api_test,
    "auth.test": auth_test,
    "auth.revoke": auth_revoke,
    "auth.teams.list": teams_list,
    "apps.connections.open": open_connection,
    "apps.uninstall": uninstall,
    "oauth.v2.access": oauth_access,
}
