"""What a person meets in a test and can read and press: anything with blocks, and messages above all."""

from typing import TYPE_CHECKING, Any

from playground import choosing, records
from playground.choosing import Control
from playground.people import Done
from playground.records import Json, Member, View

if TYPE_CHECKING:
    from playground.answers import Answer
    from playground.client import Slack


class Surface:
    """Anything with blocks. It is live: it always shows what stands there now."""

    def __init__(self, slack: "Slack") -> None:
        self._slack = slack

    @property
    def blocks(self) -> list[Json]:
        """Its blocks as stored."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """All that can be read, a line for each text; labels of buttons are in `buttons`."""
        return self._slack.workspace.reader.blocks(self.blocks)

    @property
    def buttons(self) -> list[str]:
        """Labels of its buttons, in order."""
        return [one.label for one in self._controls if one.kind in ("button", "workflow_button")]

    def button(self, name: str, *, near: str | None = None, index: int | None = None) -> "Button":
        """The button with this label (or action id). `near` is text just above or beside it, `index` counts equals."""
        among = [one for one in self._controls if one.kind in ("button", "workflow_button", "icon_button")]
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

    @property
    def _controls(self) -> list[Control]:
        return choosing.controls(self.blocks, self._slack.workspace.reader)

    def _menu(self, name: str, near: str | None, index: int | None) -> Control:
        among = [one for one in self._controls if one.kind not in ("button", "workflow_button", "icon_button")]
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
        raise NotImplementedError

    def _actor(self, by: str | None) -> Member:
        raise NotImplementedError

    async def _act(self, control: Control, value: Json, member: Member) -> Done:
        raise NotImplementedError

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

    async def click(self, by: str | None = None, *, answer_within: float | None = None) -> "Answer":
        """Press it, and get what answers: an ephemeral message or a modal, if one comes (see `Slack.answer_within`)."""
        surface = self._surface
        member = surface._actor(by)
        return await surface._slack.answer(member, lambda: surface._act(self._control, {}, member), answer_within)


class Message(Surface):
    """A message in a channel or DM, or an ephemeral one."""

    def __init__(self, slack: "Slack", record: records.Message) -> None:
        super().__init__(slack)
        self.record = record
        self._seen = record.revision

    def __repr__(self) -> str:
        return f"<Message {self.record.ts} {self.text!r}>"

    @property
    def blocks(self) -> list[Json]:
        """Its blocks as stored."""
        return self.record.blocks or []

    @property
    def text(self) -> str:
        """All that can be read: the blocks, or the text where there are none."""
        record = self.record
        return self._slack.workspace.reader.message(record.text, record.blocks, record.attachments)

    @property
    def notification(self) -> str:
        """The `text` that shows in notifications and to screen readers."""
        return self._slack.workspace.reader.mrkdwn(self.record.text)

    @property
    def ts(self) -> str:
        """Its id within the channel."""
        return self.record.ts

    @property
    def metadata(self) -> Json | None:
        """What the app attached for itself."""
        return self.record.metadata

    @property
    def author(self) -> str:
        """The name of who posted it."""
        return self._slack.workspace.members[self.record.author].name

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one member sees it."""
        return self.record.ephemeral_to is not None

    @property
    def exists(self) -> bool:
        """Whether it still stands there."""
        channel = self._slack.workspace.channels[self.record.channel]
        return self._slack.workspace.find_message(channel, self.ts, viewer=self.record.ephemeral_to) is self.record

    @property
    def replies(self) -> list["Message"]:
        """The replies below it so far."""
        channel = self._slack.workspace.channels[self.record.channel]
        return [Message(self._slack, one) for one in channel.log.replies(self.record.ts)]

    async def thread(self, *, containing: str = "", wait: float | None = None) -> list["Message"]:
        """The replies below it, once there is one that contains this text."""
        await self.reply(containing=containing, wait=wait)
        return self.replies

    async def reply(self, *, containing: str = "", wait: float | None = None) -> "Message":
        """The first reply below it that contains this text, when it comes."""
        return await self._slack.wait_for(
            lambda: next((one for one in self.replies if containing in one.text), None),
            wait,
            lambda: f"no reply containing {containing!r}; the thread:\n" + "\n".join(repr(one) for one in self.replies),
        )

    async def changed(self, *, containing: str | None = None, wait: float | None = None) -> "Message":
        """Wait until it reads so; without `containing`, until it was edited since it was last waited for."""

        def look() -> Message | None:
            new = containing in self.text if containing is not None else self.record.revision > self._seen
            return self if new else None

        await self._slack.wait_for(
            look, wait, lambda: f"it was not changed to {containing!r}; it reads:\n{self._dump()}"
        )
        self._seen = self.record.revision
        return self

    async def gone(self, *, wait: float | None = None) -> None:
        """Wait until it was deleted."""
        await self._slack.wait_for(
            lambda: None if self.exists else True, wait, lambda: f"it still stands:\n{self._dump()}"
        )

    async def select(
        self,
        menu: str,
        option: Any,
        by: str | None = None,
        *,
        near: str | None = None,
        answer_within: float | None = None,
    ) -> "Answer":
        """Choose in a menu (called by placeholder or action id; an overflow menu by action id)."""
        member = self._actor(by)
        control = self._menu(menu, near, None)
        value = await self._value(control, option, member)
        return await self._slack.answer(member, lambda: self._act(control, value, member), answer_within)

    async def shortcut(self, name: str, by: str | None = None, *, answer_within: float | None = None) -> "Answer":
        """Use a message shortcut on it, by its name or callback id."""
        member = self._actor(by)
        callback_id = self._slack.callback_id(name)
        return await self._slack.answer(
            member, lambda: self._slack.people.shortcut(member, callback_id, self.record), answer_within
        )

    def _record(self) -> tuple[records.Message | None, View | None]:
        return self.record, None

    def _actor(self, by: str | None) -> Member:
        workspace = self._slack.workspace
        channel = workspace.channels[self.record.channel]
        if by is None and self.record.ephemeral_to:
            return workspace.members[self.record.ephemeral_to]
        if by is None and channel.is_im:
            return workspace.members[channel.other_side(workspace.bot.id) or ""]
        if by is None:
            raise AssertionError("say who acts: by=…")
        member = workspace.member(by)
        if member.id not in channel.members and (channel.is_private or channel.is_im):
            raise AssertionError(f"{by} cannot see #{channel.name}")
        if not self.exists or self.record.ephemeral_to not in (None, member.id):
            raise AssertionError(f"{by} does not see this message (any more)\n{self._dump()}")
        return member

    async def _act(self, control: Control, value: Json, member: Member) -> Done:
        return await self._slack.people.act_on_message(member, self.record, control.block_id, control.action_id, value)
