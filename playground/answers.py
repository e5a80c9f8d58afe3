"""What came of something a person did, and the watch that notices it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from playground import records
from playground.feed import Change, Feed
from playground.modals import Modal, Step, Submission
from playground.records import Json, Member, View
from playground.surfaces import Button, Message

if TYPE_CHECKING:
    from playground.client import Slack


class Answer:
    """An ephemeral message, a modal, Slack's own sentence, or nothing (which is falsy and reads "").

    It can be used like the message or modal that it is; what does not fit fails with what there was instead.
    """

    def __init__(
        self,
        slack: "Slack",
        *,
        message: Message | None = None,
        modal: Modal | None = None,
        sentence: str | None = None,
    ) -> None:
        self._slack = slack
        self.message = message
        self.modal = modal
        self.sentence = sentence

    def __bool__(self) -> bool:
        return bool(self.message or self.modal or self.sentence)

    def __repr__(self) -> str:
        kind = "message" if self.message else "modal" if self.modal else "sentence" if self.sentence else "nothing"
        return f"<Answer: {kind} {self.text!r}>"

    @property
    def text(self) -> str:
        """All that can be read."""
        if self.sentence is not None:
            return self.sentence
        return self._surface.text if self else ""

    @property
    def title(self) -> str:
        """The modal's title."""
        return self._form.title

    @property
    def fields(self) -> list[str]:
        """Labels of the modal's inputs."""
        return self._form.fields

    @property
    def buttons(self) -> list[str]:
        """Labels of the buttons on it."""
        return self._surface.buttons if self.message or self.modal else []

    @property
    def blocks(self) -> list[Json]:
        """Its blocks as stored."""
        return self._surface.blocks

    def button(self, name: str, *, near: str | None = None, index: int | None = None) -> Button:
        """A button on it."""
        return self._surface.button(name, near=near, index=index)

    def value(self, field: str) -> Any:
        """What stands in a field of the modal."""
        return self._form.value(field)

    def choices(self, menu: str) -> list[str]:
        """The texts of a menu's options."""
        return self._surface.choices(menu)

    async def options(self, menu: str, query: str = "") -> list[str]:
        """What the app offers in an external menu."""
        return await self._surface.options(menu, query)

    def fill(self, values: Mapping[str, Any] | None = None, /, **named: Any) -> Modal:
        """Fill fields of the modal."""
        return self._form.fill(values, **named)

    def select(self, field: str, wanted: Any, *, near: str | None = None) -> Step:
        """Choose in the modal, or in a menu of the message (await it there)."""
        if self.message is not None:
            message = self.message
            return Step(lambda: message.select(field, wanted, near=near))
        return self._form.select(field, wanted, near=near)

    async def submit(self, *, answer_within: float | None = None) -> Submission:
        """Submit the modal."""
        return await self._form.submit(answer_within=answer_within)

    async def close(self, *, whole_stack: bool = False) -> None:
        """Close the modal."""
        await self._form.close(whole_stack=whole_stack)

    async def changed(self, *, containing: str | None = None, wait: float | None = None) -> "Answer":
        """Wait until the app changed it."""
        await self._surface.changed(containing=containing, wait=wait)
        return self

    @property
    def _surface(self) -> Message | Modal:
        found = self.message or self.modal
        if found is None:
            raise AssertionError(f"nothing to use here: {self!r}\n{self._slack.dump()}")
        return found

    @property
    def _form(self) -> Modal:
        if self.modal is None:
            raise AssertionError(f"no modal here: {self!r}\n{self._slack.dump()}")
        return self.modal


class Watch:
    """Notices, from now on, what a member is shown: an ephemeral message, a new modal, or any effect of the app's."""

    def __init__(self, feed: Feed, member: Member, stack: list[View]) -> None:
        self._member = member
        self._before = {view.id: view.hash for view in stack}
        self.ephemerals: list[Json] = []
        self.stack: list[Json] | None = None
        self.effects = 0
        self.stop = feed.listen(self._notice)

    def _notice(self, change: Change) -> None:
        if not change.by_app:
            return
        if change.viewer == self._member.id:
            if change.kind == "ephemeral":
                self.ephemerals.append(change.body["message"])
            elif change.kind == "views":
                self.stack = change.body["stack"]
        if change.viewer in (None, self._member.id) and change.kind != "unread":
            self.effects += 1

    def shown_view(self) -> str | None:
        """The id of the top modal, if it is new or was replaced."""
        if not self.stack:
            return None
        top = self.stack[-1]
        return top["id"] if self._before.get(top["id"]) != top["hash"] else None

    def shown_ephemeral(self, channels: Mapping[str, records.Channel]) -> records.Message | None:
        """The last ephemeral message that still stands."""
        for shown in reversed(self.ephemerals):
            for record in channels[shown["channel"]].ephemerals:
                if record.ts == shown["ts"]:
                    return record
        return None
