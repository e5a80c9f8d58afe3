"""A theme is merged and renamed where marketing works, on the board, and each step leads back there."""

from __future__ import annotations

from tests.running import Running
from tests.voc.test_board_in_slack import logged, opened, shown


async def test_a_theme_is_merged_on_the_board_undone_and_each_view_leads_back(tandem: Running) -> None:
    await logged(tandem)
    await tandem.slack.channel("#general").command("/voc dear again #priceing @Umbrella", by="ana")
    await (await opened(tandem)).select("theme.more", "Merge into another theme", near="#priceing")
    await shown(tandem).button("← All themes").click(by="max")
    assert "3 themes" in shown(tandem).text
    await shown(tandem).select("theme.more", "Merge into another theme", near="#priceing")
    form = shown(tandem)
    await form.select("Into which theme?", "#pricing")
    await form.submit()
    assert "#priceing becomes a part of #pricing" in shown(tandem).text
    assert "1 item of 1 account moves to #pricing, which has 3 items of 3 accounts." in shown(tandem).text
    await shown(tandem).submit()
    assert "#priceing is a part of #pricing now: 1 item moved." in shown(tandem).text
    await shown(tandem).button("← All themes").click(by="max")
    assert "2 themes" in shown(tandem).text
    assert "4 items  ·  4 accounts" in shown(tandem).text
    history = await shown(tandem).select("theme.more", "History", near="#pricing")
    assert history is not None or "merged into" in shown(tandem).text
    await shown(tandem).button("Undo").click(by="max")
    assert "is a theme of its own again" in shown(tandem).text
    await shown(tandem).button("← All themes").click(by="max")
    assert "3 themes" in shown(tandem).text


async def test_a_theme_is_renamed_on_the_board(tandem: Running) -> None:
    await logged(tandem)
    await (await opened(tandem)).select("theme.more", "Rename", near="#sso")
    form = shown(tandem)
    form.fill({"New name": "pricing"})
    assert "There is #pricing already" in (await form.submit())["name"]
    form.fill({"New name": "single sign-on"})
    assert not await form.submit()
    assert "#sso is called #single-sign-on now." in shown(tandem).text
    await shown(tandem).button("← All themes").click(by="max")
    assert "#single-sign-on" in shown(tandem).text
    assert "#sso" not in shown(tandem).text


async def test_a_theme_is_not_merged_into_itself_nor_when_it_was_merged_meanwhile(tandem: Running) -> None:
    await logged(tandem)
    await (await opened(tandem)).select("theme.more", "Merge into another theme", near="#sso")
    form = shown(tandem)
    await form.select("Into which theme?", "#sso")
    await form.submit()
    assert "#sso cannot be merged into itself. Name another one." in shown(tandem).text
    await form.select("Into which theme?", "#pricing")
    await form.submit()
    other = await tandem.slack.channel("#general").command("/voc merge #sso into #pricing", by="mia")
    await other.submit()
    await shown(tandem).submit()
    assert "#sso is a part of #pricing already, so nothing was changed." in shown(tandem).text
    await shown(tandem).button("← All themes").click(by="max")
    assert "1 theme" in shown(tandem).text
