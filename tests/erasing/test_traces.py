"""By what a person is known, and what is taken out of other people's words."""

from __future__ import annotations

import pytest

from domain.persons.traces import Traces

ANA = Traces.of(["ana@x.example", "no address"], ["+49 (30) 555-0199", "12"], ["Ana  Weber", "Ana", "Zoë Ünver"])


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Ana Weber, ana@x.example, finds it dear", "(erased), (erased), finds it dear"),
        ("ANA WEBER wrote from ANA@X.EXAMPLE.", "(erased) wrote from (erased)."),
        ("<mailto:ana@x.example|ana@x.example>", "<mailto:(erased)|(erased)>"),
        ("joana@x.example and ana@x.example.org stay", "joana@x.example and ana@x.example.org stay"),
        ("ana+demo@x.example stays", "ana+demo@x.example stays"),
        ("call +49305550199 or 49 30 555 0199", "call (erased) or (erased)"),
        ("order 1493055501990 stays", "order 1493055501990 stays"),
        ("Ana\nWeber; Ana Webers; Joana Weber", "(erased); Ana Webers; Joana Weber"),
        ("Ana alone stays", "Ana alone stays"),
        ("zoë ünver", "(erased)"),
        (r'{"name": "Zo\u00eb \u00dcnver"}', '{"name": "(erased)"}'),
    ],
)
def test_addresses_numbers_and_full_names_go_and_whatever_only_looks_so_stays(said: str, left: str) -> None:
    assert ANA.without(said) == left


def test_names_stay_where_others_may_be_meant_and_json_keeps_its_shape() -> None:
    told = {"who": ["Ana Weber", {"at": "ana@x.example"}], "n": 3, "none": None}
    assert ANA.without(told, names=False) == {"who": ["Ana Weber", {"at": "(erased)"}], "n": 3, "none": None}
    assert ANA.without(told) == {"who": ["(erased)", {"at": "(erased)"}], "n": 3, "none": None}


def test_who_is_known_by_nothing_is_found_nowhere_and_a_secret_is_read_as_it_was_written() -> None:
    nobody = Traces.of([], ["1"], ["Ana"])
    assert not nobody
    assert nobody.without("Ana, 1") == "Ana, 1"
    assert Traces.from_text(ANA.to_text()) == ANA
