"""`conversations.*` and `users.conversations`: finding channels, opening DMs, and reading history.

Reference: https://docs.slack.dev/apis/web-api/using-the-conversations-api
"""

from playground.errors import SlackError
from playground.methods.call import Answer, ApiCall, Method
from playground.records import Channel, Message

_KINDS = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def _kind(channel: Channel) -> str:
    return "im" if channel.is_im else "private_channel" if channel.is_private else "public_channel"


def _shown(call: ApiCall, channel: Channel) -> Answer:
    return channel.as_conversation(viewer=call.app.user_id, team_id=call.workspace.team_id)


def open_dm(call: ApiCall) -> Answer:
    """Open (or find) the app's DM with one member."""
    if call.text("channel"):
        channel = call.channel()
    else:
        wanted = [one.strip() for one in call.text("users").split(",") if one.strip()]
        if not wanted:
            raise SlackError("users_list_not_supplied")
        if len(wanted) > 1:
            raise SlackError("method_not_supported_for_channel_type")
        call.need_scope("im:write")
        member = call.workspace.members.get(wanted[0])
        if member is None:
            raise SlackError("user_not_found")
        existing = call.workspace.app_dm(member)
        channel = call.dm_with(member)
        if existing is not None:
            shown = _shown(call, channel) if call.flag("return_im") else {"id": channel.id}
            return {"ok": True, "no_op": True, "already_open": True, "channel": shown}
    return {"ok": True, "channel": _shown(call, channel) if call.flag("return_im") else {"id": channel.id}}


def _listed(call: ApiCall, channels: list[Channel]) -> Answer:
    kinds = [one.strip() for one in (call.text("types") or "public_channel").split(",")]
    for kind in kinds:
        if kind not in _KINDS:
            raise SlackError("invalid_types")
        call.need_scope(f"{_KINDS[kind]}:read")
    found = [one for one in channels if _kind(one) in kinds]
    if call.flag("exclude_archived"):
        found = [one for one in found if not one.is_archived]
    page, cursor = call.page(found, 100)
    shown = [_shown(call, one) for one in page]
    return {"ok": True, "channels": shown, "response_metadata": {"next_cursor": cursor}}


def list_all(call: ApiCall) -> Answer:
    """The channels the app can see, a page at a time."""
    visible = [
        one
        for one in call.workspace.channels.values()
        if not (one.is_private or one.is_im) or call.app.user_id in one.members
    ]
    return _listed(call, visible)


def of_member(call: ApiCall) -> Answer:
    """The channels that a member (by default the app) is in, as far as the app may see them."""
    member = call.text("user") or call.app.user_id
    found = [
        one
        for one in call.workspace.channels.values()
        if member in one.members and (not (one.is_private or one.is_im) or call.app.user_id in one.members)
    ]
    return _listed(call, found)


def info(call: ApiCall) -> Answer:
    """One conversation."""
    channel = call.channel()
    call.need_scope_for(channel, "read")
    shown = _shown(call, channel)
    if not call.flag("include_num_members"):
        shown.pop("num_members", None)
    return {"ok": True, "channel": shown}


def members(call: ApiCall) -> Answer:
    """Who is in a conversation, a page at a time."""
    channel = call.channel()
    call.need_scope_for(channel, "read")
    page, cursor = call.page(channel.members, 100)
    return {"ok": True, "members": page, "response_metadata": {"next_cursor": cursor}}


def join(call: ApiCall) -> Answer:
    """The app joins a public channel."""
    channel = call.channel()
    if channel.is_private or channel.is_im:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    already = call.app.user_id in channel.members
    call.workspace.join(channel, call.workspace.bot)
    extra = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    return {"ok": True, "channel": _shown(call, channel), **(extra if already else {})}


def invite(call: ApiCall) -> Answer:
    """Put members into a channel the app is in."""
    channel = call.channel()
    if call.app.user_id not in channel.members:
        raise SlackError("not_in_channel")
    for user_id in call.text("users").split(","):
        member = call.workspace.members.get(user_id.strip())
        if member is None:
            raise SlackError("user_not_found")
        if member.id in channel.members:
            raise SlackError("already_in_channel")
        call.workspace.join(channel, member, inviter=call.app.user_id)
    return {"ok": True, "channel": _shown(call, channel)}


def create(call: ApiCall) -> Answer:
    """Make a channel with the app in it."""
    name = call.text("name")
    call.need_scope("groups:write" if call.flag("is_private") else "channels:manage")
    if len(name) > 80:
        raise SlackError("invalid_name_maxlength")
    if not name or name != name.lower() or not name.replace("-", "").replace("_", "").isalnum():
        raise SlackError("invalid_name_specials")
    if any(one.name == name and not one.is_im for one in call.workspace.channels.values()):
        raise SlackError("name_taken")
    channel = call.workspace.add_channel(name, members=[call.workspace.bot], private=call.flag("is_private"))
    return {"ok": True, "channel": _shown(call, channel)}


def set_topic(call: ApiCall) -> Answer:
    """Set a channel's topic."""
    channel = call.channel()
    if call.app.user_id not in channel.members:
        raise SlackError("not_in_channel")
    if len(call.text("topic")) > 250:
        raise SlackError("too_long")
    channel.topic = call.text("topic")
    call.workspace.channel_changed(channel)
    return {"ok": True, "channel": _shown(call, channel)}


def _readable(call: ApiCall) -> Channel:
    channel = call.channel()
    call.need_scope_for(channel, "history")
    if call.app.user_id not in channel.members:
        raise SlackError("not_in_channel")
    for bound in ("oldest", "latest"):
        value = call.text(bound)
        if value and not value.replace(".", "", 1).isdigit():
            raise SlackError(f"invalid_ts_{bound}")
    return channel


def _timestamp(value: str) -> str:
    """A bound as messages' `ts` are written, so that they compare as strings."""
    if not value or float(value) == 0:
        return ""
    seconds, _, fraction = value.partition(".")
    return f"{seconds}.{fraction[:6]:0<6}"


def _metadata_shown(call: ApiCall) -> str:
    return "all" if call.flag("include_all_metadata") else "event_type"


def history(call: ApiCall) -> Answer:
    """Messages of a channel outside threads, newest first. Without `include_all_metadata` only `event_type` shows."""
    channel = _readable(call)
    oldest, latest = _timestamp(call.text("oldest")), _timestamp(call.text("latest"))
    found: list[Message] = channel.log.top_level(oldest, latest, inclusive=call.flag("inclusive"))[::-1]
    page, cursor = call.page(found, 100, 999)
    return {
        "ok": True,
        "messages": [call.workspace.shown(one, metadata=_metadata_shown(call)) for one in page],
        "has_more": bool(cursor),
        "pin_count": 0,
        "response_metadata": {"next_cursor": cursor},
    }


def replies(call: ApiCall) -> Answer:
    """A thread: the parent first, then replies, oldest first."""
    channel = _readable(call)
    found = call.message(channel, call.text("ts"), "thread_not_found")
    parent = channel.log.get(found.thread_ts or found.ts) or found
    oldest, latest = _timestamp(call.text("oldest")), _timestamp(call.text("latest"))
    thread = channel.log.replies(parent.ts, oldest, latest, inclusive=call.flag("inclusive"))
    page, cursor = call.page([parent, *thread], 1000)
    return {
        "ok": True,
        "messages": [call.workspace.shown(one, metadata=_metadata_shown(call)) for one in page],
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


METHODS: dict[str, Method] = {
    "conversations.open": open_dm,
    "conversations.list": list_all,
    "conversations.info": info,
    "conversations.members": members,
    "conversations.join": join,
    "conversations.invite": invite,
    "conversations.create": create,
    "conversations.setTopic": set_topic,
    "conversations.history": history,
    "conversations.replies": replies,
    "users.conversations": of_member,
}
