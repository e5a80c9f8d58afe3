"""A workspace that was saved is the same after it is opened again."""

import json

from playground import Playground
from playground.saving import dump_workspace, load_workspace
from tests.playground.manifest import MANIFEST


async def test_people_channels_threads_and_counting_survive_a_restart() -> None:
    async with Playground(MANIFEST, members=["ana", "bo"]) as slack:
        slack.add_channel("#leads", app=True, topic="New leads")
        parent = await slack.channel("#leads").post("a lead", by="ana")
        await slack.channel("#leads").post("mine", by="bo", thread=parent)
        await slack.channel("#leads").upload("notes.txt", b"\x00\xffnotes", by="ana")
        slack.workspace.channel("#leads").read[slack.member("bo").id] = parent.record.ts
        kept = json.loads(json.dumps(dump_workspace(slack.installation)))

    async with Playground(MANIFEST) as again:
        load_workspace(again.installation, kept)
        place = again.channel("#leads")
        assert place.messages[0].text == "a lead"
        assert [one.text for one in place.messages[0].replies] == ["mine"]
        assert [one.content for one in again.workspace.files.values()] == [b"\x00\xffnotes"]
        assert again.workspace.unread(again.workspace.channel("#leads"), again.member("bo").id) == 1
        assert again.member("ana").id == slack.member("ana").id
        newcomer = again.add_member("cy")
        assert newcomer.id not in (slack.member("ana").id, slack.member("bo").id)
        later = await place.post("later", by="cy")
        assert later.record.ts > parent.record.ts
