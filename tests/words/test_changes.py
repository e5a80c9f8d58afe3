"""What settings change is kept as facts, read by every release, and told in words."""

from itertools import product
from typing import Any, get_args

import pytest

from domain.changes import CHANGE, Change, What, change_from_json
from domain.errors import Changed
from handlers.words import change_sentence, changed_meanwhile
from tests.words.test_every_error import NAMES, markup

FULL = Change("currency", "Ana", "zone", "old", "new", ("a", "b"), ("c",), (("hours", "x"),))


@pytest.mark.parametrize("what", get_args(What))
def test_every_change_has_words(what: What) -> None:
    for name, setting, before in product(("Ana",), ("", "zone", "hours", "manager"), ("", "old")):
        told = change_sentence(Change(what, name, setting, before, "new", ("a", "b"), ("c",)))
        assert told
        assert "currency" not in told or what == "currency"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("what", get_args(What))
def test_no_name_in_a_change_becomes_markup(what: What, name: str) -> None:
    change = Change(what, name, name, name, name, (name,), (name,), (("hours", name), ("zone", name)))
    assert markup(changed_meanwhile(Changed("team", name, changes=(change,)))) == ""


@pytest.mark.parametrize("change", [FULL, Change("role", "Ana", after="rep"), Change("digest_removed", "sales")])
def test_a_change_is_kept_and_read_again(change: Change) -> None:
    assert change_from_json(CHANGE.write(change)) == change


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("tier hot: contact 5m → 10m", "tier hot: contact 5m → 10m"),
        ({"what": "role", "name": "Ana", "of": "next year"}, Change("role", "Ana")),
        ({"what": "what only a later release knows"}, None),
        (["?"], None),
        (None, None),
    ],
)
def test_what_other_releases_kept_is_read_as_far_as_it_is_known(stored: Any, read: Any) -> None:
    assert change_from_json(stored) == read
