"""What a person is shown in a test, and what they can do with it. Messages, modals and Homes build on this."""

# ruff: noqa: ARG002 (what a kind of surface cannot do, it refuses whatever the arguments)

from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any, Protocol, Self, TypeVar

from playground import choosing, records
from playground.choosing import Control
from playground.installation import Installation
from playground.people import Done, People
from playground.records import Json, Member, View
from playground.workspace import Workspace

T = TypeVar("T")

BUTTONS = ("button", "workflow_button", "icon_button", "feedback_buttons")


class Hands(Protocol):
    """What surfaces need of the test client that holds them."""

    installation: Installation
    people: People

    @property
    def workspace(self) -> Workspace:
        """The state behind it all."""

    async def wait_for(self, look: Callable[[], T | None], wait: float | None, why: Callable[[], str]) -> T:
        """What `look` finds, when it does."""

    async def answer(
        self, member: Member, act: Callable[[], Awaitable[Done]], answer_within: float | None = None
    ) -> "Surface":
        """Let a member act, and find what answers them."""

    def callback_id(self, name: str) -> str:
        """The callback id of a shortcut."""

    def dump(self) -> str:
        """What stands everywhere."""


class Surface:
    """Anything a person is shown: a message, a modal, a Home, a sentence of Slack's, or nothing (which is falsy).

    It is live: it always shows what stands there now. What only some surfaces can do fails on the others, saying
    what there is instead.
    """

    def __init__(self, slack: Hands) -> None:
        self._slack = slack

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.text!r}>"

    @property
    def blocks(self) -> list[Json]:
        """Its blocks as stored."""
        return []

    @property
    def text(self) -> str:
        """All that can be read, a line for each text; labels of buttons are in `buttons`."""
        return self._slack.workspace.reader.blocks(self.blocks)

    @property
    def buttons(self) -> list[str]:
        """Labels of its buttons, in order."""
        return [one.label for one in self._controls if one.kind in ("button", "workflow_button", "feedback_buttons")]

    def button(self, name: str, *, near: str | None = None, index: int | None = None) -> "Button":
        """The button with this label (or action id). `near` is text just above or beside it, `index` counts equals."""
        among = [one for one in self._controls if one.kind in BUTTONS]
        control = choosing.find_control(among, name, near=near, index=index, what="button", where=self._dump())
        return Button(self, control)

    def choices(self, menu: str, *, near: str | None = None) -> list[str]:
        """The texts of a menu's own options (see `options` for those the app looks up)."""
        return [choosing.plain_label(one["text"]) for one in choosing.all_options(self._menu(menu, near, None).element)]

    async def options(self, menu: str, query: str = "", *, by: str | None = None) -> list[str]:
        """What the app offers in an external menu for what a person typed."""
        offered = await self._look_up(self._menu(menu, None, None), query, self._actor(by))
        return [choosing.plain_label(one["text"]) for one in offered]

    def has(self, text: str) -> bool:
        """Whether this text can be read here."""
        return text in self.text

    def select(
        self,
        field: str,
        wanted: Any,
        by: str | None = None,
        *,
        near: str | None = None,
        answer_within: float | None = None,
    ) -> Awaitable["Surface"]:
        """Choose in a menu or field, called by label, placeholder, action id or block id."""
        raise self._cannot("choose")

    async def changed(self, *, containing: str | None = None, wait: float | None = None) -> Self:
        """Wait until it reads so; without `containing`, until the app changed it since it was last waited for."""
        raise self._cannot("change")

    @property
    def title(self) -> str:
        """A modal's title."""
        raise self._cannot("have a title")

    @property
    def fields(self) -> list[str]:
        """Labels of a modal's input blocks."""
        raise self._cannot("have fields")

    def value(self, field: str) -> Any:
        """What stands in a modal's field now: a text, an option's text, ids; None when it is empty."""
        raise self._cannot("have fields")

    def fill(self, values: Mapping[str, Any] | None = None, /, **named: Any) -> Self:
        """Fill a modal's fields, by label or id: `fill({"Your words": "too dear"}, reason="Price")`."""
        raise self._cannot("be filled")

    async def submit(self, *, answer_within: float | None = None) -> "Submission":
        """Submit a modal."""
        raise self._cannot("be submitted")

    async def close(self, *, whole_stack: bool = False) -> None:
        """Close a modal (and those above it), or the whole stack."""
        raise self._cannot("be closed")

    @property
    def _controls(self) -> list[Control]:
        return choosing.controls(self.blocks, self._slack.workspace.reader)

    def _menu(self, name: str, near: str | None, index: int | None) -> Control:
        among = [one for one in self._controls if one.kind not in BUTTONS]
        return choosing.find_control(among, name, near=near, index=index, what="field", where=self._dump())

    async def _look_up(self, control: Control, query: str, member: Member) -> list[Json]:
        message, view = self._record()
        answer = await self._slack.people.options(
            member, control.block_id, control.action_id, query, message=message, view=view
        )
        return choosing.all_options(answer)

    async def _value(self, control: Control, wanted: Any, member: Member) -> Json:
        options = choosing.all_options(control.element)
        if "external" in control.kind and wanted is not None:
            asked = [wanted] if isinstance(wanted, str) else list(wanted)
            options = [one for each in asked for one in await self._look_up(control, str(each), member)]
        return choosing.value_of(control, wanted, options, self._slack.workspace)

    def _record(self) -> tuple[records.Message | None, View | None]:
        raise self._cannot("be asked")

    def _actor(self, by: str | None) -> Member:
        raise self._cannot(f"be used by {by or 'anyone'}")

    async def _act(self, control: Control, value: Json, member: Member) -> Done:
        raise self._cannot(f"carry {control.label}")

    def _cannot(self, what: str) -> AssertionError:
        return AssertionError(f"a {type(self).__name__.lower()} cannot {what}\n{self._dump()}")

    def _dump(self) -> str:
        return f"{type(self).__name__}:\n{self.text}\nbuttons: {self.buttons}"


class Button:
    """A button on a message, modal or Home."""

    def __init__(self, surface: Surface, control: Control) -> None:
        self._surface = surface
        self._control = control

    @property
    def label(self) -> str:
        """What is written on it."""
        return self._control.label

    @property
    def value(self) -> str:
        """What it carries for the app; "" for nothing."""
        return str(self._control.element.get("value", ""))

    @property
    def style(self) -> str | None:
        """`primary`, `danger` or None."""
        return self._control.element.get("style")

    async def click(self, by: str | None = None, *, answer_within: float | None = None) -> Surface:
        """Press it, and get what answers: an ephemeral message or a modal, if one comes (see `Slack.answer_within`)."""
        surface = self._surface
        member = surface._actor(by)
        value = {"value": self.value} if self._control.kind == "feedback_buttons" else {}
        return await surface._slack.answer(member, lambda: surface._act(self._control, value, member), answer_within)


class Submission(dict[str, str]):
    """The errors of a submission by block id; empty when it was taken. `answer` is what came of it."""

    def __init__(self, errors: Mapping[str, str], answer: Surface) -> None:
        super().__init__(errors)
        self.answer = answer

    @property
    def text(self) -> str:
        """All error sentences, or the answer's text when there are none."""
        return "\n".join(self.values()) if self else self.answer.text


class Step:
    """Something chosen in a modal that the app is asked or told of: await it to see what comes of it.

    Steps that are not awaited are taken before the modal is submitted.
    """

    def __init__(self, run: Callable[[], Awaitable[Surface]]) -> None:
        self._run = run
        self._answer: Surface | None = None

    async def done(self) -> Surface:
        """Carry it out, once."""
        if self._answer is None:
            self._answer = await self._run()
        return self._answer

    def __await__(self) -> Generator[Any, None, Surface]:
        return self.done().__await__()


class Sentence(Surface):
    """What Slack itself tells a person, such as that a command failed."""

    def __init__(self, slack: Hands, sentence: str) -> None:
        super().__init__(slack)
        self._sentence = sentence

    @property
    def text(self) -> str:
        """The sentence."""
        return self._sentence


class Nothing(Surface):
    """No answer came. It is falsy and reads ""."""

    def __bool__(self) -> bool:
        return False

    def _dump(self) -> str:
        return self._slack.dump()
