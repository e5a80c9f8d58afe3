"""The workspace: its people, channels and messages, and the changes to them. It knows nothing of HTTP.

Every change is told to `feed` (pages and waiting tests) and, as an event of Slack's Events API, to `on_event`.
"""

from urllib.parse import urlsplit

from playground.agents import Prompts, Status
from playground.directory import Directory
from playground.feed import Change
from playground.markup import as_rich_text, links_in, pings_in, pings_in_blocks, typed
from playground.records import Channel, Json, Member, Message, Notice, Ping

STATUS_SECONDS = 120
"""Source: https://docs.slack.dev/reference/methods/assistant.threads.setStatus"""


class Workspace(Directory):
    """A team, and what happens in it."""

    # people and places

    def add_channel(
        self, name: str, *, members: list[Member], private: bool = False, archived: bool = False, topic: str = ""
    ) -> Channel:
        """Make a channel with these members in it."""
        name = name.removeprefix("#")
        if any(one.name == name and not one.is_im for one in self.channels.values()):
            raise ValueError(f"there already is a channel called #{name}")
        channel = Channel(
            id=self.new_id("C"),
            name=name,
            members=[one.id for one in members],
            is_private=private,
            is_archived=archived,
            topic=topic,
            created=int(self.now()),
            creator=members[0].id if members else "",
        )
        self.channels[channel.id] = channel
        self.channel_changed(channel)
        return channel

    def dm(self, one: Member, other: Member) -> Channel:
        """The direct message channel of two members (or a member and the app), made when there is none yet."""
        pair = [one.id, other.id]
        for channel in self.channels.values():
            if channel.is_im and set(channel.members) == set(pair):
                return channel
        channel = Channel(id=self.new_id("D"), name="", members=pair, is_im=True, created=int(self.now()))
        self.channels[channel.id] = channel
        self.channel_changed(channel)
        return channel

    def join(self, channel: Channel, member: Member, *, inviter: str | None = None) -> None:
        """Put a member into a channel; the app is told where it is subscribed."""
        if member.id in channel.members:
            return
        channel.members.append(member.id)
        self.channel_changed(channel)
        event: Json = {
            "type": "member_joined_channel",
            "user": member.id,
            "channel": channel.id,
            "channel_type": "G" if channel.is_private else "C",
            "team": self.team_id,
        }
        self.on_event(event | ({"inviter": inviter} if inviter else {}))

    def leave(self, channel: Channel, member: Member) -> None:
        """Take a member (or the app) out of a channel."""
        if member.id in channel.members:
            channel.members.remove(member.id)
            self.channel_changed(channel)
            kind = "G" if channel.is_private else "C"
            self.on_event(
                {
                    "type": "member_left_channel",
                    "user": member.id,
                    "channel": channel.id,
                    "channel_type": kind,
                    "team": self.team_id,
                }
            )

    def app_left(self) -> None:
        """The app was uninstalled: its bot user is out of every channel and deactivated."""
        self.bot.deleted = True
        for channel in self.channels.values():
            if self.bot.id in channel.members and not channel.is_im:
                channel.members.remove(self.bot.id)
                self.channel_changed(channel)
        self._tell_members()

    # messages

    def as_typed(self, text: str, *, names: bool = False) -> str:
        """What a person typed, as Slack stores it."""
        people = {one.name: one.id for one in self.members.values()}
        channels = {one.name: one.id for one in self.channels.values() if not one.is_im}
        return typed(text, people, channels, names=names)

    def say(
        self,
        channel: Channel,
        member: Member,
        text: str,
        *,
        thread_ts: str | None = None,
        files: list[Json] | None = None,
    ) -> Message:
        """A person posts what they typed."""
        stored = self.as_typed(text)
        message = Message(
            ts=self.new_ts(),
            channel=channel.id,
            author=member.id,
            text=stored,
            blocks=as_rich_text(stored, f"rt{len(channel.log)}") if stored else None,
            thread_ts=thread_ts,
            files=files or [],
            subtype="file_share" if files else None,
        )
        channel.read[member.id] = message.ts
        self.post(channel, message)
        self._tell_links(channel, message)
        return message

    def _tell_links(self, channel: Channel, message: Message) -> None:
        """Source: https://docs.slack.dev/reference/events/link_shared."""
        shared = [
            {"url": url, "domain": domain}
            for url in links_in(message.text)
            for domain in self.app.unfurl_domains
            if f".{urlsplit(url).hostname or ''}".endswith(f".{domain}")
        ]
        if shared:
            self.on_event(
                {
                    "type": "link_shared",
                    "user": message.author,
                    "channel": channel.id,
                    "is_bot_user_member": self.app.user_id in channel.members,
                    "message_ts": message.ts,
                    "unfurl_id": f"{channel.id}.{message.ts}",
                    "source": "conversations_history",
                    "links": shared,
                }
            )

    def post(self, channel: Channel, message: Message) -> None:
        """Put a finished message into a channel."""
        channel.log.add(message)
        self._note_pings(message, was=())
        if message.bot_id and message.thread_ts:
            self.set_status(channel, message.thread_ts, "")
        self._tell_message("message", channel, message)
        if parent := self._parent(channel, message):
            self._tell_message("message_changed", channel, parent)
        self._tell_unread(channel, message)
        self.on_event(
            self.shown(message)
            | {"channel": channel.id, "event_ts": message.ts, "channel_type": self.channel_type(channel)}
        )
        if message.metadata:
            self.on_event(self._metadata_posted(message, message.metadata))

    def _metadata_posted(self, message: Message, metadata: Json) -> Json:
        """Source: https://docs.slack.dev/reference/events/message_metadata_posted."""
        return {
            "type": "message_metadata_posted",
            "app_id": message.app_id,
            "bot_id": message.bot_id,
            "user_id": message.author,
            "team_id": self.team_id,
            "channel_id": message.channel,
            "metadata": metadata,
            "message_ts": message.ts,
            "event_ts": message.ts,
        }

    def edit(
        self,
        message: Message,
        *,
        text: str,
        blocks: list[Json] | None,
        attachments: list[Json] | None = None,
        metadata: Json | None = None,
    ) -> None:
        """Replace what a message says."""
        was = tuple(self._targets(message))
        message.text, message.blocks, message.attachments = text, blocks, attachments
        message.metadata = metadata
        self._note_pings(message, was=was)
        if message.ephemeral_to:
            self.show_ephemeral(message)
        else:
            self.changed(message)

    def changed(self, message: Message, *, silent: bool = False) -> None:
        """Tell that a message was edited in place. `silent`: no `edited` mark (reactions only)."""
        channel = self.channels[message.channel]
        message.revision += 1
        if not silent:
            message.edited_at = self.new_ts()
        self._tell_message("message_changed", channel, message)
        event = {"message": self.shown(message), "event_ts": message.edited_at or message.ts, "hidden": True}
        self._tell_hidden(channel, "message_changed", event)

    def react(self, message: Message, user_id: str, name: str, *, taken_back: bool = False) -> None:
        """Add somebody's reaction to a message, or take it back; a second time changes nothing."""
        users = message.reactions.get(name, [])
        if (user_id in users) is not taken_back:
            return
        message.reactions[name] = [one for one in users if one != user_id] if taken_back else [*users, user_id]
        if not message.reactions[name]:
            del message.reactions[name]
        self.changed(message, silent=True)
        self.on_event(
            {
                "type": "reaction_removed" if taken_back else "reaction_added",
                "user": user_id,
                "reaction": name,
                "item_user": message.author,
                "item": {"type": "message", "channel": message.channel, "ts": message.ts},
                "event_ts": self.new_ts(),
            }
        )

    def permalink(self, message: Message) -> str:
        """The address of a message; a reply's names its thread."""
        link = f"{self.url}archives/{message.channel}/p{message.ts.replace('.', '')}"
        return f"{link}?thread_ts={message.thread_ts}&cid={message.channel}" if message.in_thread else link

    def delete(self, message: Message) -> None:
        """Remove a message. A parent with replies would leave a tombstone in Slack; here its replies stay reachable."""
        channel = self.channels[message.channel]
        channel.log.remove(message)
        body = {"channel": channel.id, "ts": message.ts}
        self.feed.tell(Change("message_deleted", body, channel=channel.id, by_app=bool(message.bot_id)))
        if parent := self._parent(channel, message):
            self._tell_message("message_changed", channel, parent)
        self._tell_hidden(
            channel, "message_deleted", {"deleted_ts": message.ts, "event_ts": self.new_ts(), "hidden": True}
        )

    def write_on(self, message: Message, blocks: list[Json], *, streaming: bool) -> None:
        """The app goes on writing a message that it streams, or ends it."""
        message.blocks, message.streaming = blocks, streaming
        self.changed(message, silent=True)

    def suggest(self, channel: Channel, prompts: Prompts) -> None:
        """The app suggests what to write to it."""
        self.prompts[channel.id] = prompts
        self.feed.tell(Change("prompts", {"channel": channel.id, **prompts.as_page()}, channel=channel.id, by_app=True))

    def set_status(self, channel: Channel, thread_ts: str, words: str) -> None:
        """The app says what it is doing in a thread; without words, no more."""
        key = (channel.id, thread_ts)
        if not words and key not in self.statuses:
            return
        if words:
            self.statuses[key] = Status(words, self.now() + STATUS_SECONDS)
        else:
            del self.statuses[key]
        body = {"channel": channel.id, "thread_ts": thread_ts, "status": words}
        self.feed.tell(Change("status", body, channel=channel.id))

    def status_of(self, channel: Channel, thread_ts: str) -> str:
        """What the app is doing in a thread; "" for nothing."""
        found = self.statuses.get((channel.id, thread_ts))
        return found.words if found is not None and self.now() < found.until else ""

    def show_ephemeral(self, message: Message) -> None:
        """Show a message to its one viewer, or show it anew after it was replaced."""
        channel = self.channels[message.channel]
        if message not in channel.ephemerals:
            channel.ephemerals.append(message)
        else:
            message.revision += 1
        body = {"channel": channel.id, "message": self.page_message(message)}
        self.feed.tell(Change("ephemeral", body, channel=channel.id, viewer=message.ephemeral_to, by_app=True))

    def drop_ephemeral(self, message: Message) -> None:
        """Take an ephemeral message away from its viewer."""
        channel = self.channels[message.channel]
        if message in channel.ephemerals:
            channel.ephemerals.remove(message)
            body = {"channel": channel.id, "ts": message.ts}
            self.feed.tell(
                Change("ephemeral_deleted", body, channel=channel.id, viewer=message.ephemeral_to, by_app=True)
            )

    def find_message(self, channel: Channel, ts: str, *, viewer: str | None = None) -> Message | None:
        """A message by its `ts`; ephemeral ones only for their viewer."""
        found = channel.log.get(ts)
        if found is None and viewer:
            found = next((one for one in channel.ephemerals if one.ts == ts and one.ephemeral_to == viewer), None)
        return found

    def notice(self, member_id: str, sentence: str) -> None:
        """Slack itself says something to one member."""
        self.notices.append(Notice(member_id, sentence))
        self.feed.tell(Change("notice", {"message": sentence}, viewer=member_id))

    # how things are shown

    def shown(self, message: Message, *, metadata: str = "all") -> Json:
        """A message as in Slack's API."""
        channel = self.channels[message.channel]
        replies = [] if message.in_thread else channel.log.replies(message.ts)
        shown = message.as_json(team_id=self.team_id, metadata=metadata, replies=replies)
        if message.in_thread and (parent := self._parent(channel, message)):
            shown["parent_user_id"] = parent.author
        return shown

    def page_message(self, message: Message) -> Json:
        """A message as the page gets it."""
        extra: Json = {"channel": message.channel} | ({"is_ephemeral": True} if message.ephemeral_to else {})
        extra |= {"streaming": True} if message.streaming else {}
        return self.shown(message) | extra

    def page_channel(self, channel: Channel, viewer: str) -> Json:
        """A channel as the page gets it, with what this member has not read."""
        tops = channel.log.top_level()
        other = channel.other_side(viewer) if channel.is_im else None
        shown: Json = {
            "id": channel.id,
            "name": self._name_of(other) if other else channel.name,
            "is_im": channel.is_im,
            "is_private": channel.is_private,
            "is_archived": channel.is_archived,
            "topic": channel.topic,
            "members": list(channel.members),
            "unread": self.unread(channel, viewer),
            "latest": tops[-1].ts if tops else None,
        }
        return shown | ({"user": other, "is_app": other == self.bot.id} if other else {})

    def unread(self, channel: Channel, viewer: str) -> int:
        """How many messages came since this member last looked."""
        newer = channel.log.top_level(oldest=channel.read.get(viewer, ""))
        return sum(one.author != viewer for one in newer)

    @staticmethod
    def channel_type(channel: Channel) -> str:
        """`im`, `group` or `channel`, as events name them."""
        return "im" if channel.is_im else "group" if channel.is_private else "channel"

    def channel_changed(self, channel: Channel) -> None:
        """Tell each member who can see it that a channel is new or changed."""
        for member in list(self.members.values()):
            if not member.is_bot and (member.id in channel.members or not (channel.is_im or channel.is_private)):
                shown = {"channel": self.page_channel(channel, member.id)}
                self.feed.tell(Change("channel", shown, channel=channel.id, viewer=member.id))

    def _parent(self, channel: Channel, message: Message) -> Message | None:
        return channel.log.get(message.thread_ts) if message.in_thread and message.thread_ts else None

    def _tell_message(self, kind: str, channel: Channel, message: Message) -> None:
        if not self.feed.heard:
            self.feed.wake()
            return
        body = {"channel": channel.id, "message": self.page_message(message)}
        self.feed.tell(Change(kind, body, channel=channel.id, by_app=bool(message.bot_id)))

    def _tell_unread(self, channel: Channel, message: Message) -> None:
        if message.in_thread or not self.feed.heard:
            return
        for member_id in channel.members:
            if member_id not in (message.author, self.bot.id):
                body = {"channel": channel.id, "unread": self.unread(channel, member_id)}
                self.feed.tell(Change("unread", body, channel=channel.id, viewer=member_id))

    def _tell_hidden(self, channel: Channel, subtype: str, event: Json) -> None:
        self.on_event(
            {
                "type": "message",
                "subtype": subtype,
                "channel": channel.id,
                "channel_type": self.channel_type(channel),
                "ts": event["event_ts"],
                **event,
            }
        )

    def _note_pings(self, message: Message, *, was: tuple[str, ...]) -> None:
        # Only what an app posts is noted: the point is to prove that the bot pings nobody it should not.
        if message.bot_id is None or message.ephemeral_to:
            return
        for target in self._targets(message):
            if target not in was:
                self.pings.append(Ping(target, message.channel, message.ts, message.text))

    @staticmethod
    def _targets(message: Message) -> list[str]:
        in_blocks = pings_in_blocks(message.all_blocks)
        return list(dict.fromkeys(in_blocks + pings_in(message.text)))
