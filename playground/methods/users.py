"""`users.*`, `bots.info` and `team.info`: who is in the workspace."""

from playground.errors import SlackError
from playground.methods.call import Answer, ApiCall, Method
from playground.records import Json, Member


def _shown(call: ApiCall, member: Member) -> Json:
    return member.as_user(call.workspace.team_id, with_email=call.app.may("users:read.email"))


def list_all(call: ApiCall) -> Answer:
    """All members, a page at a time; those who left and bots included, as in Slack."""
    page, cursor = call.page(list(call.workspace.members.values()), 1000)
    return {
        "ok": True,
        "members": [_shown(call, one) for one in page],
        "cache_ts": int(call.workspace.now()),
        "response_metadata": {"next_cursor": cursor},
    }


def info(call: ApiCall) -> Answer:
    """One member."""
    return {"ok": True, "user": _shown(call, call.member())}


def look_up_by_email(call: ApiCall) -> Answer:
    """The active member with an e-mail address."""
    wanted = call.text("email").lower()
    for member in call.workspace.members.values():
        if member.email.lower() == wanted and not member.deleted and not member.is_bot:
            return {"ok": True, "user": _shown(call, member)}
    raise SlackError("users_not_found")


def bot_info(call: ApiCall) -> Answer:
    """The app's own bot."""
    if call.text("bot") != call.app.bot_id:
        raise SlackError("bot_not_found")
    bot = {
        "id": call.app.bot_id,
        "deleted": False,
        "name": call.app.name,
        "updated": 0,
        "app_id": call.app.id,
        "user_id": call.app.user_id,
        "icons": {},
    }
    return {"ok": True, "bot": bot}


def team_info(call: ApiCall) -> Answer:
    """The workspace."""
    workspace = call.workspace
    team = {
        "id": workspace.team_id,
        "name": workspace.team_name,
        "url": workspace.url,
        "domain": workspace.domain,
        "email_domain": "",
        "icon": {"image_default": True},
    }
    return {"ok": True, "team": team}


METHODS: dict[str, Method] = {
    "users.list": list_all,
    "users.info": info,
    "users.lookupByEmail": look_up_by_email,
    "bots.info": bot_info,
    "team.info": team_info,
}
