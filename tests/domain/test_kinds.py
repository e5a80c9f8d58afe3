"""A kind is told by plain words in four languages, and by nothing that may mean something else."""

from __future__ import annotations

import time

import pytest

from domain.kinds import Kind, tell_kind

LOST = (
    "lost because they have no single sign-on",
    "we lost it on price",
    "We lost the deal to Rivalsoft",
    "sadly we lost this one, procurement wanted three offers",
    "lost Globex to Rivalsoft",
    "deal lost, they went for the cheaper one",
    "closed-lost: no SSO",
    "verloren gegen Rivalsoft",
    "Den Auftrag haben wir wegen SSO verloren",
    "perdu face à Rivalsoft",
    "on a perdu le client à cause du prix",
    "hemos perdido el trato por el precio",
    "venta perdida, querían SSO",
)
QUESTION = (
    "does it work with Salesforce?",
    "asked whether we host in Frankfurt",
    "They asked if there is an API",
    "wants to know when SSO ships",
    "CTO wanted to know how we back up",
    "er fragt, ob wir in Frankfurt hosten",
    "wollen wissen, wann SSO kommt",
    "demandent si l'API est ouverte",
    "veut savoir combien de temps ça prend",
    "¿tiene SSO?",
    "preguntan si hay una API",
    "quieren saber cuándo sale el SSO",
    "SSO対応はいつ？",
)
GAP = (
    "audit log is missing",
    "missing feature: bulk edit",
    "the app doesn't support Turkish",
    "it doesn't have an audit log",
    "lacks a dark mode",
    "there is no way to export the board",
    "Arabic is not supported",
    "would love to have a calendar view",
    "wish it had a calendar view",
    "Es fehlt ein Export nach Excel",
    "gibt es noch nicht auf Türkisch",
    "il manque un export vers le drive",
    "ça n'existe pas en portugais",
    "falta un calendario",
    "no se puede exportar el tablero",
)
PAIN = (
    "the rollout takes far too long",
    "they say the rollout takes far too long",
    "an export takes hours",
    "clerk re-types every booking",
    "they enter each order manually",
    "it keeps crashing on the warehouse tablets",
    "R&D team hates the UI",
    "it's a nightmare to set up",
    "Das dauert viel zu lange",
    "die Bedienung ist umständlich",
    "le déploiement prend trop de temps",
    "c'est pénible à régler",
    "la puesta en marcha tarda demasiado",
    "es una pesadilla configurarlo",
)
PRAISE = (
    "loves the new UI",
    "👍 loved the demo",
    "customers love onboarding",
    "CFO was impressed by the report",
    "support is great!!",
    "really likes how the board looks",
    "sind begeistert von der App",
    "Chef lobt den Support",
    "ils adorent le tableau",
    "très contents du support",
    "les encanta el panel",
    "muy contentos con el soporte",
)
PLAIN = [
    (line, kind)
    for kind, lines in {
        Kind.LOST_REASON: LOST,
        Kind.QUESTION: QUESTION,
        Kind.FEATURE_GAP: GAP,
        Kind.PAIN_POINT: PAIN,
        Kind.PRAISE: PRAISE,
    }.items()
    for line in lines
]
NOT_PLAIN = (
    "too expensive for a small team",
    "they lost interest after the demo",
    "lost track of our emails",
    "we almost lost it, then legal signed",
    "she lost her patience with procurement",
    "missing budget until July",
    "they lack the people to roll it out",
    "es fehlt das Budget",
    "manque de budget",
    "falta presupuesto",
    "would love to, if it were half the price",
    "don't love the price",
    "not impressed by the demo",
    "loves it, but too expensive",
    "love their spreadsheets",
    "really likes the old way",
    "hates pricing, loves support",
    "is it too expensive for what it does?",
    "price was not the issue, it's the SSO",
    "asked about pricing",
    "asked why we are so expensive",
    "by hand is good enough for them",
    "sind mit dem aktuellen Anbieter sehr zufrieden",
    "muy contentos con su proveedor actual",
    "no SSO no deal",
    "can we meet on Monday, she asked. I said yes",
    'they said "why should we switch?" and hung up',
    "",
    "🔥",
    "价格太高了",
)


@pytest.mark.parametrize(("line", "kind"), PLAIN, ids=[line for line, _ in PLAIN])
def test_plain_words_tell_the_kind(line: str, kind: Kind) -> None:
    assert tell_kind(line) == kind


@pytest.mark.parametrize("line", NOT_PLAIN)
def test_what_is_not_plain_tells_nothing(line: str) -> None:
    assert tell_kind(line) is None


def test_a_competitor_that_was_chosen_is_why_the_deal_was_lost_and_one_that_is_compared_is_a_competitor() -> None:
    assert tell_kind("they went with OmniHaul, price only", "OmniHaul") == Kind.LOST_REASON
    assert tell_kind("they went with a pilot first") is None
    assert tell_kind("they chose Rivalsoft in 2019 and regret it", "Rivalsoft") is None
    assert tell_kind("they compare us with Rivalsoft", "Rivalsoft") == Kind.COMPETITOR
    assert tell_kind("they love Rivalsoft", "Rivalsoft") is None


@pytest.mark.parametrize("piece", ["lost ", "asked ", "a?", "fragt ", "für ", "loves ", "not ", "deal ", "\n"])
def test_no_repetition_makes_it_slow(piece: str) -> None:
    line = (piece * 3_000)[:3_000]
    begun = time.perf_counter()
    tell_kind(line, "x")
    assert time.perf_counter() - begun < 0.2
