"""Modals as Slack runs them: triggers, stacks, hashes, submissions."""

import copy
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground import Modal, Playground
from tests.playground.tiny_app import TinyApp, plain, section, words_form


async def form(slack: Playground) -> Modal:
    answer = await slack.channel("#general").command("/form", by="ana")
    assert isinstance(answer, Modal)
    return answer


def trigger(slack: Playground) -> str:
    return slack.installation.triggers.issue(slack.member("ana").id)


async def test_a_trigger_serves_once(slack: Playground, client: AsyncWebClient) -> None:
    trigger_id = trigger(slack)
    await client.views_open(trigger_id=trigger_id, view=words_form())
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=trigger_id, view=words_form())


async def test_a_trigger_expires(slack: Playground, client: AsyncWebClient) -> None:
    slack.installation.triggers.lifetime = 0.0
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=trigger(slack), view=words_form())


async def test_a_made_up_trigger_is_invalid(slack: Playground, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await client.views_open(trigger_id="1.2.3", view=words_form())


async def test_a_refused_view_does_not_use_the_trigger_up(slack: Playground, client: AsyncWebClient) -> None:
    trigger_id = trigger(slack)
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_open(trigger_id=trigger_id, view=words_form(title=plain("x" * 25)))
    await client.views_open(trigger_id=trigger_id, view=words_form())


async def test_a_stack_ends_at_three(slack: Playground, socket_app: TinyApp) -> None:
    modal = await form(slack)
    for _ in range(3):
        top = slack.modal("ana")
        assert top is not None
        await top.button("More").click(answer_within=0.1)
    assert len(slack.installation.views.stack(modal.view.owner)) == 3
    [refusal] = socket_app.bodies("refused")
    assert refusal["error"] == "push_limit_reached"


async def test_an_outdated_hash_conflicts(slack: Playground, client: AsyncWebClient) -> None:
    opened = await client.views_open(trigger_id=trigger(slack), view=words_form())
    view_id, old = opened["view"]["id"], opened["view"]["hash"]
    await client.views_update(view_id=view_id, hash=old, view=words_form())
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=view_id, hash=old, view=words_form())


async def test_an_external_id_is_unique_and_finds_its_view(slack: Playground, client: AsyncWebClient) -> None:
    await client.views_open(trigger_id=trigger(slack), view=words_form(external_id="one"))
    other = slack.installation.triggers.issue(slack.member("ben").id)
    with pytest.raises(SlackApiError, match="duplicate_external_id"):
        await client.views_open(trigger_id=other, view=words_form(external_id="one"))
    await client.views_update(external_id="one", view=words_form(title=plain("Found")))
    modal = slack.modal("ana")
    assert modal is not None
    assert modal.title == "Found"


async def test_a_view_of_over_250_kilobytes_is_too_large(slack: Playground, client: AsyncWebClient) -> None:
    blocks = [section("é" * 3000) for _ in range(50)]
    with pytest.raises(SlackApiError, match="view_too_large"):
        await client.views_open(trigger_id=trigger(slack), view=words_form(blocks=blocks))


async def test_what_was_typed_survives_an_update(slack: Playground, socket_app: TinyApp) -> None:
    modal = await form(slack)
    modal.fill(words="half a thought")
    await modal.button("Rename").click()
    assert (modal.title, modal.value("Your words")) == ("Renamed", "half a thought")


async def test_a_click_in_a_modal_carries_the_view_and_no_response_url(slack: Playground, socket_app: TinyApp) -> None:
    modal = await form(slack)
    modal.fill(words="so far")
    await modal.button("More").click()
    body = socket_app.bodies("action")[0]
    assert body["view"]["state"]["values"]["words"]["words"]["value"] == "so far"
    assert body["container"] == {"type": "view", "view_id": modal.view.id}
    assert "response_url" not in body
    assert "channel" not in body


async def test_slack_itself_refuses_an_empty_required_input(slack: Playground, socket_app: TinyApp) -> None:
    modal = await form(slack)
    assert await modal.submit() == {"words": "Please complete this required field."}
    assert socket_app.bodies("view_submission") == []


async def test_slack_itself_refuses_a_text_that_is_too_long(slack: Playground, socket_app: TinyApp) -> None:
    modal = await form(slack)
    modal.fill(words="x" * 21)
    assert await modal.submit() == {"words": "This entry must be no more than 20 characters."}


async def test_the_apps_errors_come_back_and_the_modal_stays(slack: Playground, socket_app: TinyApp) -> None:
    modal = await form(slack)
    errors = await modal.fill(words="bad").submit()
    assert errors == {"words": "not these words"}
    assert modal.is_open


@pytest.mark.parametrize(("words", "title", "depth"), [("next", "Next", 2), ("other", "Other", 1)])
async def test_a_submission_can_lead_to_another_modal(
    slack: Playground, socket_app: TinyApp, words: str, title: str, depth: int
) -> None:
    modal = await form(slack)
    submission = await modal.fill(words=words).submit()
    assert submission.answer.title == title
    assert len(slack.installation.views.stack(modal.view.owner)) == depth


async def test_an_answer_slack_cannot_use_is_trouble_and_a_refusal(slack: Playground, socket_app: TinyApp) -> None:
    modal = await form(slack)
    submission = await modal.fill(words="nonsense").submit()
    assert submission.text == "We had some trouble connecting. Try again?"
    assert modal.is_open
    assert [(one.method, one.error) for one in slack.refusals] == [("view_submission", "invalid_errors")]


async def test_a_submission_can_clear_the_stack(slack: Playground, socket_app: TinyApp) -> None:
    modal = await form(slack)
    above = await modal.button("More").click()
    await above.fill(words="done").submit()
    assert slack.modal("ana") is None


async def test_a_submission_without_a_word_goes_back_to_the_modal_below(slack: Playground, socket_app: TinyApp) -> None:
    modal = await form(slack)
    above = await modal.button("More").click()
    await above.fill(words="fine").submit()
    assert modal.is_open
    assert len(slack.installation.views.stack(modal.view.owner)) == 1


async def test_closing_is_told_only_when_asked_for(slack: Playground, socket_app: TinyApp) -> None:
    modal = await form(slack)
    await modal.button("More").click()
    await modal.close()
    closed = socket_app.bodies("view_closed")
    assert [one["view"]["id"] for one in closed] == [modal.view.id]
    assert closed[0]["is_cleared"] is False


async def test_an_external_choice_is_looked_up_before_submitting(slack: Playground, socket_app: TinyApp) -> None:
    modal = await form(slack)
    modal.fill({"Your words": "fine", "Account": "Globex"})
    await modal.submit()
    values = socket_app.bodies("view_submission")[0]["view"]["state"]["values"]
    assert values["account"]["account"]["selected_option"]["value"] == "globex"


async def test_a_home_is_replaced_and_guarded_by_its_hash(slack: Playground, client: AsyncWebClient) -> None:
    ana = slack.member("ana").id
    view: dict[str, Any] = {"type": "home", "blocks": [section("one")]}
    first = await client.views_publish(user_id=ana, view=view)
    await client.views_publish(user_id=ana, view={"type": "home", "blocks": [section("two")]})
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_publish(user_id=ana, view=view, hash=first["view"]["hash"])
    current = slack.home("ana").current
    assert current is not None
    assert current.text == "two"


async def test_a_home_has_no_title(slack: Playground, client: AsyncWebClient) -> None:
    view = copy.deepcopy(words_form()) | {"type": "home"}
    with pytest.raises(SlackApiError) as caught:
        await client.views_publish(user_id=slack.member("ana").id, view=view)
    messages = caught.value.response["response_metadata"]["messages"]
    assert "[ERROR] invalid additional property: title [json-pointer:/view]" in messages
