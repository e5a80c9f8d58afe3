"""What people do in Slack, for the page and for tests alike: post, command, click, choose, submit, close, open Home.

Each act sends the app what Slack would send and carries out what the app acknowledges it with.
"""

from dataclasses import dataclass, field
from mimetypes import guess_type
from urllib.parse import quote

from playground import elements
from playground.ack import FAILED, Ack
from playground.blocks import interactive_elements, leaf_blocks
from playground.delivery import Delivery
from playground.errors import SlackError
from playground.forms import refused_inputs
from playground.installation import Installation
from playground.methods.views import checked_view
from playground.payloads import Payloads
from playground.records import Channel, File, Json, Member, Message, View
from playground.shapes import Problem
from playground.views import initial_values, value_key

_TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(frozen=True)
class Done:
    """How an act went.

    `sentence` is what Slack tells the person when the app failed, `errors` belong to a form's blocks, `posted` came
    with the acknowledgement of a command.
    """

    sentence: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    posted: Message | None = None

    @property
    def ok(self) -> bool:
        """Whether the app acknowledged, and took what was submitted."""
        return self.sentence is None and not self.errors


class People:
    """Everyone's hands in one workspace. A failed delivery is also a notice to the person."""

    def __init__(self, installation: Installation, delivery: Delivery) -> None:
        self._installation = installation
        self._workspace = installation.workspace
        self._views = installation.views
        self._delivery = delivery
        self._payloads = Payloads(installation)
        # What each member has chosen in the menus of each message, as `state.values` of the next click there.
        self._chosen: dict[tuple[str, str, str], dict[str, dict[str, Json]]] = {}

    async def settled(self, seconds: float = 5.0) -> bool:
        """Wait until the app has acknowledged all events; whether that came about in time."""
        return await self._delivery.settled(seconds)

    async def command(self, member: Member, channel: Channel, command: str, text: str) -> Done:
        """Use a slash command; its acknowledgement may carry an answer to show."""
        known = self._installation.app.commands.get(command)
        if known is None or not self._has_commands:
            return self._failed(member, f"{command} is not a valid command.")
        typed = self._workspace.as_typed(text, names=True) if known.should_escape else text
        payload = self._payloads.command(member, channel, command, typed.strip())
        ack = await self._delivery.command(payload, known.url)
        if ack.error:
            return self._failed(member, f'{command} failed with the error "{ack.error}"')
        if ack.body:
            try:
                return Done(posted=self._installation.response_urls.answer_command(channel, member, ack.body))
            except SlackError as refusal:
                self._installation.refuse(command, refusal.name, refusal.messages, ack.body)
                return self._failed(member, f'{command} failed with the error "invalid_command_response"')
        return Done()

    async def shortcut(self, member: Member, callback_id: str, message: Message | None = None) -> Done:
        """Use a global shortcut, or one on a message."""
        known = self._installation.app.shortcuts.get(callback_id)
        wanted = "message" if message else "global"
        if known is None or known.type != wanted or not self._has_commands:
            return self._failed(member, f"there is no {wanted} shortcut {callback_id}")
        if message:
            payload = self._payloads.message_shortcut(member, callback_id, message)
        else:
            payload = self._payloads.global_shortcut(member, callback_id)
        return self._heard(member, await self._interact(payload))

    async def act_on_message(
        self, member: Member, message: Message, block_id: str, action_id: str, value: Json
    ) -> Done:
        """Click or choose in a message. `value` is as in `state.values`, without `type`; empty for a button."""
        element = self._element(message.all_blocks, block_id, action_id)
        chosen = self._chosen.setdefault((message.channel, message.ts, member.id), {})
        values = initial_values({"blocks": message.all_blocks}, kept=chosen)
        action = self._action(element, block_id, value)
        if element["type"] not in ("button", "overflow", "workflow_button", "feedback_buttons", "icon_button"):
            entry = {"type": element["type"], **value}
            values.setdefault(block_id, {})[action_id] = entry
            chosen.setdefault(block_id, {})[action_id] = entry
        payload = self._payloads.message_action(member, message, [action], values)
        return self._heard(member, await self._interact(payload))

    async def act_in_view(self, member: Member, view: View, block_id: str, action_id: str, value: Json) -> Done:
        """Click, choose or type in a modal or Home; values of menus and inputs become part of the view's state."""
        element = self._element(view.body["blocks"], block_id, action_id)
        if action_id in view.values.get(block_id, {}):
            self._views.type_in(view, {block_id: {action_id: {"type": element["type"], **value}}})
        payload = self._payloads.view_action(member, view, [self._action(element, block_id, value)])
        return self._heard(member, await self._interact(payload))

    async def options(
        self, member: Member, block_id: str, action_id: str, query: str, *, message: Message | None, view: View | None
    ) -> Json:
        """What an external select offers for a query: `{"options": […]}` or `{"option_groups": […]}`."""
        payload = self._payloads.suggestion(member, action_id, block_id, query, message=message, view=view)
        ack = await self._interact(payload, wants_payload=True)
        if ack.error:
            self._heard(member, ack)
            return {"options": []}
        offered = ack.body or {"options": []}
        problems: list[Problem] = []
        elements.SUGGESTIONS(offered, "", problems)
        if problems:
            self._installation.refuse("block_suggestion", "invalid_options", [str(one) for one in problems], offered)
            return {"options": []}
        return offered

    async def submit(self, member: Member, view: View, values: dict[str, dict[str, Json]]) -> Done:
        """Submit a modal. What Slack itself would refuse (an empty required input) never reaches the app."""
        self._views.type_in(view, values)
        if refused := refused_inputs(view):
            return Done(errors=refused)
        ack = await self._interact(self._payloads.view_submission(member, view), wants_payload=True)
        if ack.error:
            return self._failed(member, _TROUBLE)
        try:
            return self._carry_out(view, ack.body or {})
        except SlackError as refusal:
            self._installation.refuse("view_submission", refusal.name, refusal.messages, ack.body or {})
            return self._failed(member, _TROUBLE)

    async def close(self, member: Member, view: View, *, whole_stack: bool = False) -> None:
        """Close a modal, or all of them; the app hears of those with `notify_on_close`."""
        whole_stack = whole_stack or bool(view.body.get("clear_on_close"))
        for gone in self._views.close(view, whole_stack=whole_stack):
            if gone.body.get("notify_on_close"):
                payload = self._payloads.view_closed(member, gone, cleared=whole_stack)
                self._heard(member, await self._interact(payload))

    def open_home(self, member: Member) -> View | None:
        """Open the app's Home tab: the app is told, the view that stands there now is shown."""
        home = self._views.homes.get(member.id)
        dm = self._workspace.dm(member, self._workspace.bot)
        event: Json = {"type": "app_home_opened", "user": member.id, "channel": dm.id, "tab": "home"}
        self._workspace.on_event(event | ({"view": self._views.shown(home)} if home else {}))
        return home

    def open_messages(self, member: Member) -> Channel:
        """Open the app's Messages tab, which is their DM: the app is told, if it is an agent.

        Source: https://docs.slack.dev/ai/migrating-to-agent-messaging
        """
        dm = self._workspace.dm(member, self._workspace.bot)
        self._workspace.on_event({"type": "app_home_opened", "user": member.id, "channel": dm.id, "tab": "messages"})
        return dm

    def give(self, member: Member, name: str, content: bytes) -> File:
        """Upload a file that is shared nowhere, as a form's file input does when somebody picks one."""
        file = File(
            id=self._workspace.new_id("F"),
            name=name,
            length=len(content),
            owner=member.id,
            team=self._workspace.team_id,
            content=content,
            uploaded=True,
            completed=True,
            created=int(self._workspace.now()),
            mimetype=guess_type(name)[0] or "application/octet-stream",
        )
        file.url = f"{self._installation.base_url}/files/{file.id}/{quote(name)}"
        self._workspace.files[file.id] = file
        return file

    def upload(self, member: Member, channel: Channel, name: str, content: bytes) -> Message:
        """Share a file in a channel."""
        file = self.give(member, name, content)
        file.shared.append(channel.id)
        message = self._workspace.say(channel, member, "", files=[file.as_json()])
        self._workspace.on_event(
            {
                "type": "file_shared",
                "file_id": file.id,
                "file": {"id": file.id},
                "user_id": member.id,
                "channel_id": channel.id,
            }
        )
        return message

    def _carry_out(self, view: View, body: Json) -> Done:
        """Do what the acknowledgement of a submission asks for; without a word from the app the modal closes."""
        match body.get("response_action"):
            case None:
                self._views.close(view, whole_stack=False)
            case "clear":
                self._views.close(view, whole_stack=True)
            case "update":
                self._views.update(view, checked_view(body.get("view"), kind="modal"))
            case "push":
                self._views.push_onto(view.owner, checked_view(body.get("view"), kind="modal"))
            case "errors":
                errors = body.get("errors")
                inputs = {one["block_id"] for one in leaf_blocks(view.body["blocks"]) if one["type"] == "input"}
                if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
                    raise SlackError("invalid_errors", messages=[f"[ERROR] no input block for {errors}"])
                return Done(errors={str(block): str(sentence) for block, sentence in errors.items()})
            case other:
                raise SlackError("invalid_response_action", messages=[f"[ERROR] unknown response_action {other}"])
        return Done()

    @property
    def _has_commands(self) -> bool:
        app = self._installation.app
        return app.installed and app.may("commands")

    async def _interact(self, payload: Json, *, wants_payload: bool = False) -> Ack:
        """Tell the app of an act; what an app left behind when it was removed leads nowhere."""
        if not self._installation.app.installed:
            return FAILED
        return await self._delivery.interaction(payload, wants_payload=wants_payload)

    def _heard(self, member: Member, ack: Ack) -> Done:
        if ack.error is None:
            return Done()
        why = "did not respond in time" if ack.outcome == "timeout" else "could not be reached"
        return self._failed(member, f"{self._installation.app.name} {why}.")

    def _failed(self, member: Member, sentence: str) -> Done:
        self._workspace.notice(member.id, sentence)
        return Done(sentence=sentence)

    @staticmethod
    def _element(blocks: list[Json], block_id: str, action_id: str) -> Json:
        for block in leaf_blocks(blocks):
            for element in interactive_elements(block) if block["block_id"] == block_id else ():
                if element["action_id"] == action_id:
                    return element
        raise LookupError(f"there is no element {action_id} in block {block_id} any more")

    def _action(self, element: Json, block_id: str, value: Json) -> Json:
        action: Json = {"type": element["type"], "action_id": element["action_id"], "block_id": block_id}
        for key in ("text", "value", "style", "url", "placeholder"):
            if key in element:
                action[key] = element[key]
        for key, initial in ((key, key.replace("selected_", "initial_")) for key in value):
            if initial in element and initial != key:
                action[initial] = element[initial]
        if element["type"] not in ("button", "workflow_button", "icon_button"):
            action |= value or {value_key(element["type"]): None}
        return action | {"action_ts": self._workspace.new_ts()}
