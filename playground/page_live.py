"""The page's live socket: each member's view of what changes, as it changes (`docs/playground.md`)."""

import asyncio
import json
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from playground.feed import Change
from playground.installation import Installation
from playground.records import Channel, Json, Member


def sees(member: Member, channel: Channel) -> bool:
    """Whether a member can look into a channel."""
    return member.id in channel.members or not (channel.is_im or channel.is_private)


class Live:
    """All open pages of one installation."""

    def __init__(self, installation: Installation) -> None:
        self._workspace = installation.workspace
        self._views = installation.views
        self._live: set[WebSocket] = set()

    async def serve(self, socket: WebSocket) -> None:
        """Stream what one member sees happen."""
        member = self._workspace.members.get(socket.query_params.get("as", ""))
        if member is None:
            await socket.close(4004)
            return
        await socket.accept()
        queue: asyncio.Queue[Change] = asyncio.Queue()
        stop = self._workspace.feed.listen(queue.put_nowait)
        self._live.add(socket)
        gone = asyncio.ensure_future(_until_closed(socket))
        try:
            stack = [self._views.shown(one) for one in self._views.stack(member.id)]
            if stack:
                await socket.send_text(_dumps({"type": "views", "stack": stack}))
            while not gone.done():
                taking = asyncio.ensure_future(queue.get())
                await asyncio.wait({taking, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not taking.done():
                    taking.cancel()
                    break
                change = taking.result()
                if self._reaches(change, member):
                    await socket.send_text(_dumps({"type": change.kind, **change.body}))
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            stop()
            self._live.discard(socket)
            gone.cancel()

    def tell_time(self) -> None:
        """Tell every page what time it is now."""
        self._workspace.feed.tell(Change("clock", {"now": self._workspace.now()}))

    async def stop(self) -> None:
        """Close every live socket."""
        for socket in list(self._live):
            with suppress(WebSocketDisconnect, RuntimeError):
                await socket.close(1001)

    def _reaches(self, change: Change, member: Member) -> bool:
        if change.viewer is not None:
            return change.viewer == member.id
        channel = self._workspace.channels.get(change.channel) if change.channel else None
        return channel is None or sees(member, channel)


def _dumps(body: Json) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


async def _until_closed(socket: WebSocket) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await socket.receive_text()
