"""`api.test`, `auth.*`, `apps.*` and `oauth.*`: the app's own identity, its installation, and its socket."""

from playground.errors import SlackError
from playground.methods.call import Answer, ApiCall, Method


def api_test(call: ApiCall) -> Answer:
    """Echo; with `error`, fail by that name."""
    if error := call.text("error"):
        raise SlackError(error, args={"error": error})
    return {"ok": True, "args": {key: value for key, value in call.args.items() if key != "token"}}


def auth_test(call: ApiCall) -> Answer:
    """Who this token is."""
    return {
        "ok": True,
        "url": call.workspace.url,
        "team": call.workspace.team_name,
        "user": call.app.bot_name,
        "team_id": call.workspace.team_id,
        "user_id": call.app.user_id,
        "bot_id": call.app.bot_id,
        "is_enterprise_install": False,
    }


def auth_revoke(call: ApiCall) -> Answer:
    """Make the bot token worthless (`test=1` only says that it could be)."""
    if call.flag("test"):
        return {"ok": True, "revoked": False}
    call.app.revoked = True
    call.workspace.on_event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [call.app.user_id]}})
    return {"ok": True, "revoked": True}


def open_connection(call: ApiCall) -> Answer:
    """A WebSocket address for Socket Mode, good for one connection."""
    return {"ok": True, "url": call.installation.new_socket_url()}


def uninstall(call: ApiCall) -> Answer:
    """Remove the app from the workspace."""
    if call.text("client_id") != call.app.client_id:
        raise SlackError("invalid_client_id")
    if call.text("client_secret") != call.app.client_secret:
        raise SlackError("bad_client_secret")
    call.workspace.on_event({"type": "app_uninstalled"})
    call.app.revoked = True
    return {"ok": True}


def oauth_access(call: ApiCall) -> Answer:
    """Exchange the code of an installation for the bot token."""
    if call.text("client_id") != call.app.client_id:
        raise SlackError("invalid_client_id")
    if call.text("client_secret") != call.app.client_secret:
        raise SlackError("bad_client_secret")
    if call.text("code") not in call.app.oauth_codes:
        raise SlackError("invalid_code")
    call.app.oauth_codes.discard(call.text("code"))
    call.app.revoked = False
    owner = next((one for one in call.workspace.members.values() if one.is_primary_owner), call.workspace.bot)
    return {
        "ok": True,
        "access_token": call.app.bot_token,
        "token_type": "bot",
        "scope": ",".join(call.app.scopes),
        "bot_user_id": call.app.user_id,
        "app_id": call.app.id,
        "team": {"name": call.workspace.team_name, "id": call.workspace.team_id},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": owner.id},
    }


METHODS: dict[str, Method] = {
    "api.test": api_test,
    "auth.test": auth_test,
    "auth.revoke": auth_revoke,
    "apps.connections.open": open_connection,
    "apps.uninstall": uninstall,
    "oauth.v2.access": oauth_access,
}
