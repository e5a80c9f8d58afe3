"""`views.*`: opening, stacking and replacing modals, and publishing Homes.

Reference: https://docs.slack.dev/reference/methods/views.open
"""

import json

from playground.blocks import complete, problems_in_message, problems_in_view
from playground.errors import SlackError
from playground.methods.call import Answer, ApiCall, Method
from playground.records import Json, View

VIEW_LIMIT = 250_000


def checked_view(view: object, *, kind: str) -> Json:
    """A view's body, complete with ids, if Slack would take it; `kind` is `modal` or `home`."""
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", messages=["[ERROR] must provide an object [json-pointer:/view]"])
    if len(json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode()) > VIEW_LIMIT:
        raise SlackError("view_too_large")
    problems = problems_in_view(view, kind=kind)
    if problems:
        raise SlackError("invalid_arguments", messages=[str(one) for one in problems])
    return {**view, "blocks": complete(view["blocks"])}


def _view(call: ApiCall, kind: str) -> Json:
    return checked_view(call.structure("view", "invalid_arguments"), kind=kind)


def _answer(call: ApiCall, view: View) -> Answer:
    return {"ok": True, "view": call.installation.views.shown(view)}


def open_modal(call: ApiCall) -> Answer:
    """Open a modal for the person behind a trigger id."""
    return _answer(call, call.installation.views.open(call.text("trigger_id"), _view(call, "modal")))


def push(call: ApiCall) -> Answer:
    """Put a modal on top of the one the trigger came from."""
    return _answer(call, call.installation.views.push(call.text("trigger_id"), _view(call, "modal")))


def update(call: ApiCall) -> Answer:
    """Replace an open modal's contents."""
    views = call.installation.views
    found = views.find(call.text("view_id"), call.text("external_id"))
    body = _view(call, str(found.body["type"]))
    return _answer(call, views.update(found, body, call.text("hash") or None))


def validate(call: ApiCall) -> Answer:
    """Say whether blocks, or a view, would be taken; nothing is shown to anybody."""
    if view := call.structure("view", "invalid_view"):
        problems = problems_in_view(view)
    else:
        problems = problems_in_message(call.structure("blocks", "invalid_blocks"))
    if problems:
        raise SlackError("invalid_blocks", errors=[str(one).removeprefix("[ERROR] ") for one in problems])
    return {"ok": True}


def publish(call: ApiCall) -> Answer:
    """Set a member's Home tab."""
    if not call.app.home_enabled:
        raise SlackError("not_enabled")
    member = call.member("user_id")
    body = _view(call, "home")
    return _answer(call, call.installation.views.publish(member.id, body, call.text("hash") or None))


METHODS: dict[str, Method] = {
    "blocks.validate": validate,
    "views.open": open_modal,
    "views.push": push,
    "views.update": update,
    "views.publish": publish,
}
