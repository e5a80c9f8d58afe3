"""`files.*`, the second version: ask for an upload URL, send the bytes there, complete the upload into channels.

Source: https://docs.slack.dev/messaging/working-with-files
"""

from mimetypes import guess_type

from playground.errors import SlackError
from playground.markup import as_rich_text
from playground.methods.call import Answer, ApiCall, Method
from playground.records import File, Message

TITLE_LIMIT = 255


def get_upload_url(call: ApiCall) -> Answer:
    """A URL for the bytes of one file."""
    name, length = call.text("filename"), call.text("length")
    if not length.isdigit() or int(length) < 1:
        raise SlackError("invalid_arguments", messages=["[ERROR] must be greater than 0 [json-pointer:/length]"])
    file = File(
        id=call.workspace.new_id("F"),
        name=name,
        length=int(length),
        owner=call.app.user_id,
        created=int(call.workspace.now()),
        mimetype=guess_type(name)[0] or "application/octet-stream",
    )
    file.url = f"{call.installation.base_url}/files/{file.id}/{name}"
    call.workspace.files[file.id] = file
    return {"ok": True, "upload_url": f"{call.installation.base_url}/upload/{file.id}", "file_id": file.id}


def _file(call: ApiCall, file_id: str) -> File:
    file = call.workspace.files.get(file_id)
    if file is None:
        raise SlackError("file_not_found")
    return file


def complete_upload(call: ApiCall) -> Answer:
    """Finish uploads and share them: one message with the files in each channel."""
    wanted = call.structure("files", "invalid_arguments")
    if not isinstance(wanted, list) or not wanted:
        raise SlackError("invalid_arguments", messages=["[ERROR] must provide an array [json-pointer:/files]"])
    files = [_file(call, str(one.get("id"))) for one in wanted]
    if any(not file.uploaded for file in files):
        raise SlackError("file_not_found")
    names = call.text("channel_id") or call.text("channels")
    channels = []
    for channel_id in filter(None, names.split(",")):
        channel = call.workspace.channels.get(channel_id)
        if channel is None:
            raise SlackError("channel_not_found")
        if call.app.user_id not in channel.members:
            raise SlackError("not_in_channel")
        channels.append(channel)
    for file, asked in zip(files, wanted, strict=True):
        file.title = str(asked.get("title") or file.name)[:TITLE_LIMIT]
        file.completed = True
    for channel in channels:
        for file in files:
            file.shared.append(channel.id)
        comment = call.text("initial_comment")
        message = Message(
            ts=call.workspace.new_ts(),
            channel=channel.id,
            author=call.app.user_id,
            text=comment,
            blocks=as_rich_text(comment, "rt") if comment else None,
            thread_ts=call.text("thread_ts") or None,
            bot_id=call.app.bot_id,
            app_id=call.app.id,
            files=[file.as_json() for file in files],
            subtype="file_share",
        )
        call.workspace.post(channel, message)
        for file in files:
            tell_shared(call, file, channel.id)
    return {"ok": True, "files": [file.as_json() for file in files]}


def tell_shared(call: ApiCall, file: File, channel_id: str) -> None:
    """Send the `file_shared` event."""
    call.workspace.on_event(
        {
            "type": "file_shared",
            "file_id": file.id,
            "file": {"id": file.id},
            "user_id": file.owner,
            "channel_id": channel_id,
        }
    )


def info(call: ApiCall) -> Answer:
    """One file."""
    return {
        "ok": True,
        "file": _file(call, call.text("file")).as_json(),
        "comments": [],
        "response_metadata": {"next_cursor": ""},
    }


def delete(call: ApiCall) -> Answer:
    """Remove one of the app's own files."""
    file = _file(call, call.text("file"))
    if file.owner != call.app.user_id:
        raise SlackError("cant_delete_file")
    del call.workspace.files[file.id]
    return {"ok": True}


METHODS: dict[str, Method] = {
    "files.getUploadURLExternal": get_upload_url,
    "files.completeUploadExternal": complete_upload,
    "files.info": info,
    "files.delete": delete,
}
