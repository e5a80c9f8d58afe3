"""Modals and Homes as a person meets them in a test: fill, choose, submit, close."""

from collections.abc import Mapping
from typing import Any, Self

from playground import choosing, records
from playground.choosing import Control
from playground.people import Done
from playground.records import Json, Member, View
from playground.surfaces import Hands, Nothing, Step, Submission, Surface


class ViewSurface(Surface):
    """What modals and Homes have in common."""

    def __init__(self, slack: Hands, view: View) -> None:
        super().__init__(slack)
        self.view = view
        self._seen = view.hash

    @property
    def blocks(self) -> list[Json]:
        """Its blocks as stored."""
        return list(self.view.body["blocks"])

    @property
    def private_metadata(self) -> str:
        """What the app carries through the view."""
        return str(self.view.body.get("private_metadata", ""))

    async def changed(self, *, containing: str | None = None, wait: float | None = None) -> Self:
        """Wait until it reads so; without `containing`, until the app replaced it since it was last waited for."""
        view, seen = self.view, self._seen

        def look() -> bool | None:
            return (containing in self.text if containing is not None else view.hash != seen) or None

        await self._slack.wait_for(
            look, wait, lambda: f"it was not changed to {containing!r}; it reads:\n{self._dump()}"
        )
        self._seen = view.hash
        return self

    def _record(self) -> tuple[records.Message | None, View | None]:
        return None, self.view

    def _actor(self, by: str | None) -> Member:
        owner = self._slack.workspace.members[self.view.owner]
        if by is not None and self._slack.workspace.member(by) is not owner:
            raise AssertionError(f"this is {owner.name}'s, not {by}'s")
        return owner

    async def _act(self, control: Control, value: Json, member: Member) -> Done:
        return await self._slack.people.act_in_view(member, self.view, control.block_id, control.action_id, value)


class Home(ViewSurface):
    """A member's Home tab."""

    async def select(
        self,
        field: str,
        wanted: Any,
        by: str | None = None,
        *,
        near: str | None = None,
        answer_within: float | None = None,
    ) -> Surface:
        """Choose in a menu."""
        member = self._actor(by)
        control = self._menu(field, near, None)
        value = await self._value(control, wanted, member)
        return await self._slack.answer(member, lambda: self._act(control, value, member), answer_within)


class Modal(ViewSurface):
    """A modal on a member's stack."""

    def __init__(self, slack: Hands, view: View) -> None:
        super().__init__(slack, view)
        self._steps: list[Step] = []

    @property
    def title(self) -> str:
        """Its title."""
        return choosing.plain_label(self.view.body["title"])

    @property
    def submit_label(self) -> str | None:
        """The label of its submit button; None without one."""
        return choosing.plain_label(self.view.body.get("submit")) or None

    @property
    def is_open(self) -> bool:
        """Whether it is on its owner's stack."""
        return self.view in self._slack.installation.views.stack(self.view.owner)

    @property
    def fields(self) -> list[str]:
        """Labels of its input blocks."""
        return [one.label for one in self._controls if one.block["type"] == "input"]

    def value(self, field: str) -> Any:
        """What stands in a field now: a text, an option's text, ids; None when it is empty."""
        control = self._menu(field, None, None)
        entry = self.view.values[control.block_id][control.action_id]
        value = next((value for key, value in entry.items() if key != "type"), None)
        if isinstance(value, dict) and "text" in value:
            return choosing.plain_label(value["text"])
        if isinstance(value, list):
            return [choosing.plain_label(one["text"]) if isinstance(one, dict) else one for one in value]
        return value

    def fill(self, values: Mapping[str, Any] | None = None, /, **named: Any) -> Self:
        """Fill fields, called by label, action id or block id: `fill({"Your words": "too dear"}, reason="Price")`."""
        for field, wanted in {**(values or {}), **named}.items():
            self.select(field, wanted)
        return self

    def attach(self, field: str, name: str, content: bytes) -> Self:
        """Pick a file in a file input, which uploads it. Slack's client offers only files of the field's types."""
        control = self._menu(field, None, None)
        kinds = control.element.get("filetypes")
        if kinds and name.rpartition(".")[2].lower() not in kinds:
            raise AssertionError(f"{field!r} takes {', '.join(kinds)}, so nobody can pick {name!r}")
        entry = self.view.values.get(control.block_id, {}).get(control.action_id, {})
        files = list(entry.get("files") or [])
        if len(files) >= control.element.get("max_files", 10):
            raise AssertionError(f"{field!r} takes no more files")
        files.append(self._slack.people.give(self._actor(None), name, content).as_input())
        typed = {control.block_id: {control.action_id: {"type": control.kind, "files": files}}}
        self._slack.installation.views.type_in(self.view, typed)
        return self

    def select(
        self,
        field: str,
        wanted: Any,
        by: str | None = None,
        *,
        near: str | None = None,
        answer_within: float | None = None,
    ) -> Step:
        """Choose or type in one field. Where the app listens to the field it is told: await to see what it does."""
        member = self._actor(by)
        control = self._menu(field, near, None)
        told = control.block["type"] != "input" or bool(control.block.get("dispatch_action"))
        if told or "external" in control.kind:
            step = Step(lambda: self._choose(control, wanted, member, answer_within, told=told))
            self._steps.append(step)
            return step
        value = choosing.value_of(control, wanted, choosing.all_options(control.element), self._slack.workspace)
        entry = {control.block_id: {control.action_id: {"type": control.kind, **value}}}
        self._slack.installation.views.type_in(self.view, entry)
        return Step(self._nothing)

    async def submit(self, *, answer_within: float | None = None) -> Submission:
        """Submit it. The answer's `errors` are keyed by block id; a next modal or a receipt is in its `answer`."""
        if not self.is_open:
            raise AssertionError(f"this modal is closed\n{self._dump()}")
        for step in self._steps:
            await step
        self._steps.clear()
        member = self._actor(None)
        done: list[Done] = []

        async def act() -> Done:
            done.append(await self._slack.people.submit(member, self.view, {}))
            return done[0]

        answer = await self._slack.answer(member, act, answer_within)
        return Submission(done[0].errors, answer)

    async def close(self, *, whole_stack: bool = False) -> None:
        """Close it (and those above it), or the whole stack."""
        await self._slack.people.close(self._actor(None), self.view, whole_stack=whole_stack)

    async def _choose(
        self, control: Control, wanted: Any, member: Member, answer_within: float | None, *, told: bool
    ) -> Surface:
        value = await self._value(control, wanted, member)
        if told and control.kind == "plain_text_input" and answer_within is None:
            answer_within = 0  # whoever types does not wait for an answer to each word
        if told:
            return await self._slack.answer(member, lambda: self._act(control, value, member), answer_within)
        entry = {control.block_id: {control.action_id: {"type": control.kind, **value}}}
        self._slack.installation.views.type_in(self.view, entry)
        return await self._nothing()

    async def _nothing(self) -> Surface:
        return Nothing(self._slack)

    def _dump(self) -> str:
        return f"Modal {self.title!r}:\n{self.text}\nfields: {self.fields}, buttons: {self.buttons}"
