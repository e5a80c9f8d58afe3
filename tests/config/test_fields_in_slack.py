"""An admin says by clicking which of what a source sends is which field of a lead."""

from __future__ import annotations

from sqlalchemy import select

from playground import Modal
from storage.models import Lead, SourceHealth
from tests.config.test_lists_in_slack import modal, opened, read
from tests.running import Running


async def heard(tandem: Running) -> None:
    """What was heard of sources is in the database, as it is after a few seconds."""
    assert tandem.program.web is not None
    await tandem.program.web.heard.flush()


async def form_of(tandem: Running) -> Modal:
    await (await opened(tandem, "Sources")).button("Change").click(by="mia")
    await modal(tandem).button("Which field is what").click(by="mia")
    return modal(tandem)


def hint(form: Modal, block_id: str) -> str:
    block = next(block for block in form.blocks if block.get("block_id") == block_id)
    return str((block.get("hint") or {}).get("text", ""))


async def test_fields_are_picked_from_the_last_payload_and_the_next_lead_is_read_so(tandem: Running) -> None:
    assert "Nothing came from this source" in (await form_of(tandem)).text
    answers = {"q1": "3", "q2": "kim@globex.com", "country_of_birth": "NL"}
    await tandem.lead_arrives(answers=answers)
    await heard(tandem)
    form = await form_of(tandem)
    assert "Lee Wong" not in form.text
    assert hint(form, "field.name") == "Reads: L…e W…g"
    assert hint(form, "field.tier") == "Reads: hot"
    assert hint(form, "field.email") == "Not found in the last payload."

    await form.select("Score", "answers → country_of_birth · NL")
    assert hint(modal(tandem), "field.score") == "NL is no number. Found automatically: 82"
    await modal(tandem).select("E-mail", "answers → q2 · k…@g…x.com")
    await modal(tandem).select("Score", "answers → q1 · 3")
    form = modal(tandem)
    assert hint(form, "field.email") == "Reads: k…@g…x.com"
    assert form.value("Score") == "answers → q1 · 3"
    form.fill({"What values mean": "Tier 3 is hot"})
    assert "is no such line" in (await form.submit())["labels"]
    form.fill({"What values mean": "Score: 3 = 95"})
    assert not await form.submit()
    saved = modal(tandem)
    assert saved.text.count("Saved.") == 2  # on top, and where somebody is who typed what values mean
    assert hint(saved, "field.score") == "Reads: 3 → 95"
    assert "E-mail, Score" in saved.text

    await tandem.lead_arrives(name="Kim Oh", answers=answers, score=None)
    lead = (await read(tandem, Lead))[-1]
    assert (lead.name, lead.email, lead.score, lead.notes) == ("Kim Oh", "kim@globex.com", 95, [])

    await saved.button("Put back what was before").click(by="mia")
    assert modal(tandem).value("E-mail") == "Found automatically"
    await tandem.lead_arrives(name="Ida Berg", answers=answers)
    assert (await read(tandem, Lead))[-1].score == 82


async def test_a_payload_is_forgotten_after_two_weeks(tandem: Running) -> None:
    await tandem.lead_arrives()
    await heard(tandem)
    await tandem.later(days=15)
    assert tandem.program.worker is not None
    await tandem.program.worker.schedule.tidy()
    stored = await tandem.program.db.read(lambda session: session.scalar(select(SourceHealth.sample)))
    assert stored is None
