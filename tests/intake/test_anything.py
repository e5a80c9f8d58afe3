"""Whatever an optional field holds, and however it is written: the lead is taken, and can be shown."""

import json
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain.leads.arriving import Arriving
from domain.leads.facts import load_lead
from domain.leads.receiving import receive_leads
from domain.leads.spellings import FIELDS, ID_KINDS
from domain.leads.taken import taken_lead
from handlers.intake.decoding import decoded
from handlers.intake.reading import read_lead
from handlers.intake.sent import as_sent
from storage.models import Lead
from tests.leads.shown import brief_of, fits_modal, render
from tests.world import World

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252", "latin-1")
SECRET = "a-shared-secret-for-tests-only"

texts = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["\0", "\ud83d", "x" * 10_000, "yes", "87/100", "NaN", "<!channel>", "a@b, c@d", '"a b"@c', "@", " "]
    ),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
keys = st.sampled_from([*FIELDS, *ID_KINDS, "value", "label", "data", "fields", "First Name", "q3_email", "x[]"])
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(texts, keys), inner, max_size=4)),
    max_leaves=12,
)
anything = st.dictionaries(st.one_of(keys, texts), values, max_size=8)


def written(document: Any, encoding: str, *, ascii_only: bool) -> bytes:
    text = json.dumps(document, ensure_ascii=ascii_only)
    return text.encode(encoding, errors="replace")


@given(
    anything, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252", "latin-1"]), st.booleans(), texts
)
@settings(max_examples=200, deadline=None)
def test_beside_a_name_anything_is_taken(extra: Any, encoding: str, ascii_only: bool, content_type: str) -> None:
    body = written({**extra, "full_name": "Lee Wong", "name": "Lee Wong"}, encoding, ascii_only=ascii_only)
    found = read_lead(decoded(body, content_type))
    lead = taken_lead(found.values, source="forms", external_id=found.id, rest=found.rest, sent=as_sent(extra, SECRET))
    assert lead.name.strip()


@example(extras=[{"x": {"score": "\x00"}}])
@example(extras=[{"x": {"score": "\ud83d"}}])
@given(extras=st.lists(anything, min_size=1, max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_taken_is_stored_and_shown(world: World, extras: list[Any]) -> None:
    """Stored on each engine, with news about it, and every card and form of it is one that Slack takes."""
    for extra in extras:
        document = decoded(written({**extra, "full_name": "Lee"}, "utf-8", ascii_only=True), "")
        found = read_lead(document)
        lead = taken_lead(found.values, source="forms", rest=found.rest, sent=as_sent(document, SECRET))
        [received] = world.run(receive_leads, world.workspace_id, [Arriving(lead, world.now)])
        facts = world.run(load_lead, received.lead_id, world.workspace_id, world.now)
        assert facts is not None
        assert render(world, "lead_card", received.lead_id) is not None
        assert fits_modal(brief_of(world, received.lead_id))
        assert world.run(lambda session, one=received.lead_id: session.get_one(Lead, one)).name
