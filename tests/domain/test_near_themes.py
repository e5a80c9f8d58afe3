"""Slips of the finger are near, other themes are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.near_themes import is_near, nearest

SLIPS = [
    ("pricing", "priceing"),
    ("pricing", "pricng"),
    ("pricing", "pricign"),
    ("pricing", "princing"),
    ("price", "pirce"),
    ("budget", "budgets"),
    ("security", "secuirty"),
    ("rollout", "roll-out"),
    ("rollout-time", "rolout-time"),
    ("rollout-time", "rollout-tme"),
    ("team-size", "team-siz"),
    ("in-house", "inhouse"),
    ("integrations", "integration"),
    ("customization", "customisation"),
    ("sécurité", "securite"),
    ("цена-вопроса", "цена-вопрос"),
]
OTHERS = [
    ("pricing", "timing"),
    ("price", "prize"),
    ("import", "export"),
    ("data-import", "data-export"),
    ("support", "report"),
    ("speed", "spend"),
    ("api", "app"),
    ("sso", "sla"),
    ("soc1", "soc2"),
    ("q3-budget", "q4-budget"),
    ("integration-sap", "integration-sage"),
    ("login-sso", "login-so"),
    ("data-cost", "data-host"),
    ("sso-cost", "sso-cot"),
    ("integration", "migration"),
    ("price", "value"),
    ("locked-in", "in-house"),
    ("价格", "价值"),
]


@pytest.mark.parametrize(("one", "other"), SLIPS)
def test_a_slip_is_near(one: str, other: str) -> None:
    assert is_near(one, other)
    assert is_near(other, one)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_another_theme_is_not_near(one: str, other: str) -> None:
    assert not is_near(one, other)
    assert not is_near(other, one)


def test_the_most_alike_comes_first_and_a_theme_is_not_near_itself() -> None:
    assert nearest("priceing", ["pricings", "pricing", "speed", "priceing"]) == ["pricing", "pricings"]


@given(st.text(max_size=20), st.text(max_size=20))
def test_nearness_goes_both_ways(one: str, other: str) -> None:
    assert is_near(one, other) == is_near(other, one)
