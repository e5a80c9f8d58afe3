"""`reactions.*`: reactions to messages, the app's own and those of people."""

from playground.errors import SlackError
from playground.methods.call import Answer, ApiCall, Method
from playground.records import Message


def _target(call: ApiCall) -> Message:
    channel = call.channel()
    if not call.text("timestamp"):
        raise SlackError("no_item_specified")
    return call.message(channel, call.text("timestamp"))


def _name(call: ApiCall) -> str:
    return call.text("name").strip(":")


def add(call: ApiCall) -> Answer:
    """React to a message as the app."""
    message, name = _target(call), _name(call)
    if call.app.user_id in message.reactions.get(name, []):
        raise SlackError("already_reacted")
    call.workspace.react(message, call.app.user_id, name)
    return {"ok": True}


def remove(call: ApiCall) -> Answer:
    """Take the app's reaction back."""
    message, name = _target(call), _name(call)
    if call.app.user_id not in message.reactions.get(name, []):
        raise SlackError("no_reaction")
    call.workspace.react(message, call.app.user_id, name, taken_back=True)
    return {"ok": True}


def get(call: ApiCall) -> Answer:
    """A message with its reactions, a reply's too: its words, its author, and its address.

    The app must be in the channel, as for all that it reads there.
    """
    message = _target(call)
    channel = call.workspace.channels[message.channel]
    if call.app.user_id not in channel.members:
        raise SlackError("channel_not_found" if channel.is_private or channel.is_im else "not_in_channel")
    link = {"permalink": call.workspace.permalink(message)}
    return {"ok": True, "type": "message", "channel": channel.id, "message": call.workspace.shown(message) | link}


METHODS: dict[str, Method] = {"reactions.add": add, "reactions.remove": remove, "reactions.get": get}
