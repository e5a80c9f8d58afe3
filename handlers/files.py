"""Files that Tandem hands over: Slack is given one, which nobody sees yet, then it is shown in somebody's DM.

Two jobs, since only the second shows: when the first is done twice, nobody sees it. What is made of a file that is not
in the database belongs to the subject; it asks for the `FileHandover`, and for a refusal where there can be no file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.orm import Session

from handlers.blocks import escape, section
from handlers.failed_calls import error_name
from handlers.jobs import JobKind, RunningJob, Tools
from handlers.messages import Messages, Rendering, Subject
from storage import outbox
from storage.outbox import Priority

REFUSED: Final = "file_refused"

LOOKED_BACK: Final = 50
"""Messages of the DM that are looked through for the file, in case it was handed over before a crash."""

messages = Messages()


@dataclass(frozen=True)
class FileHandover:
    """A file that Slack has, its `name`, and whom it is for: `user` is a Slack user id. `comment` stands above it."""

    kind: ClassVar[str] = "file_handover"

    file: str
    user: str
    name: str
    comment: str


async def give_to_slack(tools: Tools, name: str, data: bytes) -> str | None:
    """The id of the file, which nobody sees yet; None where this workspace does not let Tandem upload one."""
    try:
        told = await tools.client.files_getUploadURLExternal(filename=name, length=len(data))
    except SlackApiError as error:
        if error_name(error) != "missing_scope":
            raise
        return None
    async with tools.http.post(str(told["upload_url"]), data=data) as answer:
        answer.raise_for_status()
    return str(told["file_id"])


async def show(client: AsyncWebClient, user: str, file: str, *, name: str, comment: str) -> bool:
    """Show the file in the person's DM, unless it stands there; whether it was shown now."""
    opened = await client.conversations_open(users=user)
    channel = str(opened["channel"]["id"])
    if await _stands(client, channel, file):
        return False
    await client.files_completeUploadExternal(
        files=[{"id": file, "title": name}], channel_id=channel, initial_comment=comment
    )
    return True


def refuse(session: Session, workspace_id: int, user: str, job: int, token: str, *, what: str, at: datetime) -> None:
    """Tell who asked that there is no file of `what` ("the scoreboard"), and who can do something about it."""
    outbox.put_notice(
        session,
        workspace_id,
        REFUSED,
        job,
        user,
        at=at,
        priority=Priority.REMINDER,
        once=f"{REFUSED}:{token}",
        data={"what": what},
    )


@messages.kind(REFUSED)
def refused(_session: Session, subject: Subject) -> Rendering:
    """Why there is no file, and who can do something about it."""
    text = (
        f"There is no file of {escape(str(subject.data.get('what', '')))}: this workspace does not let Tandem upload "
        "files. An admin can allow it by installing Tandem again with the scope `files:write`."
    )
    return Rendering(text, blocks=[section(text)])


async def hand_over(job: RunningJob[FileHandover], tools: Tools) -> bool:
    """Show the file of the job; whether it was shown now."""
    told = job.arguments
    return await show(tools.client, told.user, told.file, name=told.name, comment=told.comment)


def record_handover(_session: Session, _job: RunningJob[FileHandover], _done: bool, _at: datetime) -> None:
    """Nothing is left to be done."""


async def _stands(client: AsyncWebClient, channel: str, file: str) -> bool:
    """Whether the file was handed over. Without the scope to look, a file that may come twice is better than none."""
    try:
        page = await client.conversations_history(channel=channel, limit=LOOKED_BACK)
    except SlackApiError as error:
        if error_name(error) != "missing_scope":
            raise
        return False
    found: list[dict[str, Any]] = page.get("messages") or []
    return any(file == one for message in found for one in _files(message))


def _files(message: dict[str, Any]) -> Iterator[str]:
    for one in message.get("files") or ():
        yield str(one.get("id"))


kinds = (
    JobKind(
        FileHandover,
        hand_over,
        record_handover,
        what="the handing over of a file that somebody asked for",
        remedy="They can ask for it again.",
        tries=4,
        awaited=True,
    ),
)
