"""Modals and Homes: each member's stack of at most three modals, and their Home tab.

Source: https://docs.slack.dev/surfaces/modals
"""

from typing import Any

from playground.blocks import leaf_blocks
from playground.errors import SlackError
from playground.feed import Change
from playground.records import Json, View
from playground.triggers import Triggers
from playground.workspace import Workspace

STACK_LIMIT = 3


class Views:
    """All views of one workspace. Bodies arrive here already checked by `blocks`."""

    def __init__(self, workspace: Workspace, triggers: Triggers) -> None:
        self._workspace = workspace
        self._triggers = triggers
        self._by_id: dict[str, View] = {}
        self._hashes = 0
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def get(self, view_id: str) -> View | None:
        """An open modal or a published Home."""
        return self._by_id.get(view_id)

    def stack(self, member_id: str) -> list[View]:
        """A member's open modals, the topmost last."""
        return self.stacks.get(member_id, [])

    def open(self, trigger_id: str, body: Json) -> View:
        """`views.open`: start a stack. A stack that is already there is replaced, as Slack does."""
        trigger = self._triggers.redeem(trigger_id)
        self._claim_external_id(body)
        self._forget(self.stack(trigger.member))
        view = self._new(trigger.member, body)
        self.stacks[trigger.member] = [view]
        self._tell(trigger.member)
        return view

    def push(self, trigger_id: str, body: Json) -> View:
        """`views.push`: one more modal on top of the one where the trigger came from."""
        trigger = self._triggers.redeem(trigger_id)
        stack = self.stack(trigger.member)
        if not stack or trigger.view_id is None:
            raise SlackError("not_found")
        return self.push_onto(trigger.member, body)

    def push_onto(self, member_id: str, body: Json) -> View:
        """Push a modal onto a member's stack; `push_limit_reached` above three."""
        stack = self.stacks[member_id]
        if len(stack) >= STACK_LIMIT:
            raise SlackError("push_limit_reached")
        self._claim_external_id(body)
        view = self._new(member_id, body, below=stack[-1])
        stack.append(view)
        self._tell(member_id)
        return view

    def update(self, view: View, body: Json, expected_hash: str | None = None) -> View:
        """`views.update`: replace a view's contents; `hash_conflict` when it is no longer what the app saw.

        What a person typed stays where block and action ids stay the same.
        """
        if expected_hash and expected_hash != view.hash:
            raise SlackError("hash_conflict")
        if body.get("external_id") and body["external_id"] != view.external_id:
            self._claim_external_id(body)
        view.body = body
        view.external_id = body.get("external_id") or view.external_id
        view.hash = self._new_hash()
        view.values = initial_values(body, kept=view.values)
        self._tell(view.owner, home=view.body["type"] == "home")
        return view

    def find(self, view_id: str | None, external_id: str | None) -> View:
        """An open view by either id; `not_found` otherwise."""
        found = self._by_id.get(view_id or "")
        if found is None and external_id:
            found = next((one for one in self._by_id.values() if one.external_id == external_id), None)
        if found is None:
            raise SlackError("not_found")
        return found

    def publish(self, member_id: str, body: Json, expected_hash: str | None = None) -> View:
        """`views.publish`: set a member's Home."""
        home = self.homes.get(member_id)
        if home is not None:
            return self.update(home, body, expected_hash)
        self._claim_external_id(body)
        view = self._new(member_id, body)
        self.homes[member_id] = view
        self._tell(member_id, home=True)
        return view

    def close(self, view: View, *, whole_stack: bool) -> list[View]:
        """Close a modal and all above it, or the whole stack; answers those that went, the topmost first."""
        stack = self.stack(view.owner)
        keep = 0 if whole_stack or view not in stack else stack.index(view)
        gone = stack[keep:]
        self.stacks[view.owner] = stack[:keep]
        self._forget(gone)
        self._tell(view.owner)
        return gone[::-1]

    def type_in(self, view: View, values: dict[str, dict[str, Json]]) -> None:
        """Take over what a person has filled in so far: `{block_id: {action_id: value}}` as in `view.state`."""
        for block_id, actions in values.items():
            view.values.setdefault(block_id, {}).update(actions)

    def shown(self, view: View) -> Json:
        """A view as in Slack's payloads and answers."""
        app = self._workspace.app
        team_id, organization = self._workspace.team_id, self._workspace.organization
        installed_in = organization.id if app.org_wide and organization else team_id
        return view.as_json(team_id=team_id, installed_in=installed_in, app_id=app.id, bot_id=app.bot_id)

    def _new(self, owner: str, body: Json, below: View | None = None) -> View:
        view_id = self._workspace.new_id("V")
        view = View(
            id=view_id,
            owner=owner,
            body=body,
            hash=self._new_hash(),
            root_view_id=below.root_view_id if below else view_id,
            previous_view_id=below.id if below else None,
            external_id=body.get("external_id", ""),
            values=initial_values(body, kept={}),
        )
        self._by_id[view_id] = view
        return view

    def _new_hash(self) -> str:
        self._hashes += 1
        return f"{int(self._workspace.now())}.{self._hashes:08d}"

    def _claim_external_id(self, body: Json) -> None:
        wanted = body.get("external_id")
        if wanted and any(one.external_id == wanted for one in self._by_id.values()):
            raise SlackError("duplicate_external_id")

    def _forget(self, views: list[View]) -> None:
        for view in views:
            self._by_id.pop(view.id, None)

    def _tell(self, member_id: str, *, home: bool = False) -> None:
        if home:
            body: Json = {"view": self.shown(self.homes[member_id])}
            self._workspace.feed.tell(Change("home", body, viewer=member_id, by_app=True))
        else:
            stack = [self.shown(view) for view in self.stack(member_id)]
            self._workspace.feed.tell(Change("views", {"stack": stack}, viewer=member_id, by_app=True))


def initial_values(body: Json, *, kept: dict[str, dict[str, Json]]) -> dict[str, dict[str, Json]]:
    """`state.values` of a fresh view: initial values, or what was already `kept` under the same ids and type."""
    values: dict[str, dict[str, Json]] = {}
    for block in leaf_blocks(body["blocks"]):
        for element in stateful_elements(block):
            before = kept.get(block["block_id"], {}).get(element["action_id"])
            same_type = before is not None and before.get("type") == element["type"]
            values.setdefault(block["block_id"], {})[element["action_id"]] = (
                before if before is not None and same_type else initial_value(element)
            )
    return values


_NO_STATE = {"button", "overflow", "image", "workflow_button", "icon_button", "feedback_buttons"}


def stateful_elements(block: Json) -> list[Json]:
    """The elements of a block whose value a person can set."""
    match block["type"]:
        case "input":
            found = [block["element"]]
        case "section":
            found = [block["accessory"]] if "accessory" in block else []
        case "actions":
            found = block["elements"]
        case _:
            found = []
    return [one for one in found if one["type"] not in _NO_STATE]


_SELECTED: dict[str, tuple[str, str, Any]] = {
    "static_select": ("selected_option", "initial_option", None),
    "external_select": ("selected_option", "initial_option", None),
    "overflow": ("selected_option", "", None),
    "radio_buttons": ("selected_option", "initial_option", None),
    "users_select": ("selected_user", "initial_user", None),
    "conversations_select": ("selected_conversation", "initial_conversation", None),
    "channels_select": ("selected_channel", "initial_channel", None),
    "multi_static_select": ("selected_options", "initial_options", []),
    "multi_external_select": ("selected_options", "initial_options", []),
    "checkboxes": ("selected_options", "initial_options", []),
    "multi_users_select": ("selected_users", "initial_users", []),
    "multi_conversations_select": ("selected_conversations", "initial_conversations", []),
    "multi_channels_select": ("selected_channels", "initial_channels", []),
    "datepicker": ("selected_date", "initial_date", None),
    "timepicker": ("selected_time", "initial_time", None),
    "datetimepicker": ("selected_date_time", "initial_date_time", None),
    "rich_text_input": ("rich_text_value", "initial_value", None),
    "file_input": ("files", "", []),
}


def value_key(element_type: str) -> str:
    """The key that holds an element's value in `state.values` and in actions, such as `selected_option`."""
    return _SELECTED.get(element_type, ("value", "", None))[0]


def initial_value(element: Json) -> Json:
    """An element's entry in `state.values` before anyone touched it."""
    key, initial, empty = _SELECTED.get(element["type"], ("value", "initial_value", None))
    value = element.get(initial)
    return {"type": element["type"], key: value if value is not None else (list(empty) if empty == [] else empty)}
