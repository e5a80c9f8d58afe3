"""A workspace as JSON and back, so that a demo can be opened again: people, channels, messages, files and Homes.

Open modals, response URLs and the log of calls are not kept: they would not outlive a restart of Slack's app either.
"""

from base64 import b64decode, b64encode
from dataclasses import asdict, fields
from typing import Any, TypeVar

from playground.installation import Installation
from playground.records import Channel, File, Json, Log, Member, Message

T = TypeVar("T")


def dump_workspace(installation: Installation) -> Json:
    """Everything that `load_workspace` needs, as JSON-safe values."""
    workspace = installation.workspace
    return {
        "ids": workspace.ids.dump(),
        "members": [asdict(one) for one in workspace.members.values()],
        "channels": [_dump_channel(one) for one in workspace.channels.values()],
        "files": [{**_plain(one), "content": b64encode(one.content).decode()} for one in workspace.files.values()],
        "homes": {member_id: view.body for member_id, view in installation.views.homes.items()},
    }


def load_workspace(installation: Installation, kept: Json) -> None:
    """Fill a fresh workspace with what `dump_workspace` returned. Raises KeyError or TypeError for anything else."""
    workspace = installation.workspace
    workspace.members |= {one["id"]: _record(Member, one) for one in kept["members"]}
    workspace.bot = workspace.members[workspace.bot.id]
    workspace.channels |= {one["id"]: _load_channel(one) for one in kept["channels"]}
    workspace.files |= {
        one["id"]: _record(File, {**one, "content": b64decode(one["content"])}) for one in kept["files"]
    }
    workspace.ids.load(kept["ids"])
    for member_id, body in kept["homes"].items():
        installation.views.publish(member_id, body)


def _dump_channel(channel: Channel) -> Json:
    return {
        **_plain(channel, without=("log", "ephemerals")),
        "messages": [asdict(one) for one in channel.log.everything()],
        "ephemerals": [asdict(one) for one in channel.ephemerals],
    }


def _load_channel(kept: Json) -> Channel:
    log = Log()
    for one in sorted(kept["messages"], key=lambda each: each["ts"]):
        log.add(_record(Message, one))
    ephemerals = [_record(Message, one) for one in kept["ephemerals"]]
    plain = {name: value for name, value in kept.items() if name != "messages"}
    return _record(Channel, {**plain, "log": log, "ephemerals": ephemerals})


def _plain(record: Any, without: tuple[str, ...] = ()) -> Json:
    return {one.name: getattr(record, one.name) for one in fields(record) if one.name not in without}


def _record(kind: type[T], values: Json) -> T:
    return kind(**values)
