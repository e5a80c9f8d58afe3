"""`reactions.*`: the app's own reactions to messages."""

from playground.errors import SlackError
from playground.methods.call import Answer, ApiCall, Method
from playground.records import Message


def _target(call: ApiCall) -> tuple[Message, str]:
    channel = call.channel()
    return call.message(channel, call.text("timestamp")), call.text("name").strip(":")


def add(call: ApiCall) -> Answer:
    """React to a message as the app."""
    message, name = _target(call)
    users = message.reactions.setdefault(name, [])
    if call.app.user_id in users:
        raise SlackError("already_reacted")
    users.append(call.app.user_id)
    call.workspace.changed(message, silent=True)
    return {"ok": True}


def remove(call: ApiCall) -> Answer:
    """Take the app's reaction back."""
    message, name = _target(call)
    users = message.reactions.get(name, [])
    if call.app.user_id not in users:
        raise SlackError("no_reaction")
    users.remove(call.app.user_id)
    if not users:
        del message.reactions[name]
    call.workspace.changed(message, silent=True)
    return {"ok": True}


METHODS: dict[str, Method] = {"reactions.add": add, "reactions.remove": remove}
