"""Notices what a person is shown after an act: an ephemeral message, a modal, or any other effect of the app's."""

from collections.abc import Mapping

from playground.feed import Change, Feed
from playground.records import Channel, Json, Member, Message, View


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

    def shown_ephemeral(self, channels: Mapping[str, Channel]) -> Message | None:
        """The last ephemeral message that still stands."""
        for shown in reversed(self.ephemerals):
            for record in channels[shown["channel"]].ephemerals:
                if record.ts == shown["ts"]:
                    return record
        return None
