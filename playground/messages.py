"""Messages as a person meets them in a test: read them and their threads, press, choose, wait for them to change."""

from typing import Any, Self

from playground import records
from playground.choosing import Control
from playground.people import Done
from playground.records import Json, Member, View
from playground.surfaces import Hands, Surface


class Message(Surface):
    """A message in a channel or DM, or an ephemeral one."""

    def __init__(self, slack: Hands, record: records.Message) -> None:
        super().__init__(slack)
        self.record = record
        self._seen = record.revision

    def __repr__(self) -> str:
        return f"<Message {self.record.ts} {self.text!r}>"

    @property
    def blocks(self) -> list[Json]:
        """Its blocks as stored, with those of its attachments."""
        return self.record.all_blocks

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

    async def changed(self, *, containing: str | None = None, wait: float | None = None) -> Self:
        """Wait until it reads so; without `containing`, until it was edited since it was last waited for."""

        def look() -> bool | None:
            new = containing in self.text if containing is not None else self.record.revision > self._seen
            return new or None

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
        field: str,
        wanted: Any,
        by: str | None = None,
        *,
        near: str | None = None,
        answer_within: float | None = None,
    ) -> Surface:
        """Choose in a menu (called by placeholder or action id; an overflow menu by action id)."""
        member = self._actor(by)
        control = self._menu(field, near, None)
        value = await self._value(control, wanted, member)
        return await self._slack.answer(member, lambda: self._act(control, value, member), answer_within)

    async def shortcut(self, name: str, by: str | None = None, *, answer_within: float | None = None) -> Surface:
        """Use a message shortcut on it, by its name or callback id."""
        member = self._actor(by)
        callback_id = self._slack.callback_id(name)
        return await self._slack.answer(
            member, lambda: self._slack.people.shortcut(member, callback_id, self.record), answer_within
        )

    async def react(self, name: str, by: str, *, answer_within: float | None = None) -> Surface:
        """React to it with an emoji, and get what the app answers, if it does."""
        return await self._reacted(name, by, answer_within, taken_back=False)

    async def unreact(self, name: str, by: str, *, answer_within: float | None = None) -> Surface:
        """Take a reaction back."""
        return await self._reacted(name, by, answer_within, taken_back=True)

    async def _reacted(self, name: str, by: str, answer_within: float | None, *, taken_back: bool) -> Surface:
        member = self._actor(by)

        async def act() -> Done:
            self._slack.workspace.react(self.record, member.id, name, taken_back=taken_back)
            return Done()

        return await self._slack.answer(member, act, answer_within)

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
