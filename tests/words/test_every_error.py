"""Every error has a sentence, and none of them lets a name from outside become markup."""

import importlib
import pkgutil
import re
import types
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import pytest

import digests
import domain
from domain.changes import Change
from domain.config.errors import FileWrong, ValueWrong
from domain.config.problems import Problem
from domain.errors import Changed, FieldProblems, NotAllowed, Refused, TandemError
from domain.text import TextEmpty
from domain.voc.errors import Sensitive
from domain.week import CalendarError
from handlers.words import changed_meanwhile, is_expected, plain_sentence, sentence

for room in (domain, digests):
    for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        importlib.import_module(module.name)

NAMES: Final = ("<https://evil.example|Click>", "<!channel>", "*bold*", "Marks & Co", "`code` _x_ ~y~")
NOON: Final = datetime(2026, 11, 17, 12, tzinfo=UTC)
OURS: Final[dict[str, tuple[Any, ...]]] = {
    # Facts that are never typed by anybody: words of our own, and ids of Slack's.
    "NotFound.what": ("lead",),
    "NotAllowed.action": ("claim",),
    "NotAllowed.needs": (("rep", "manager"),),
    "NotAllowed.role": ("rep",),
    "NotAllowed.ask": ("", "U1"),
    "BeforeRestore.kind": ("lead",),
    "LeadSettled.state": ("contacted",),
    "Changed.what": ("team",),
    "WrongState.state": ("done",),
    "Changed.version": ("3",),
    "SensitiveText.what": ((Sensitive.CARD, Sensitive.SECRET),),
    "FieldProblems.problems": ({"name": TextEmpty()},),
    "SettingWrong.wrong": (CalendarError("empty"), ValueWrong("empty")),
    "ConfigProblems.problems": ((Problem(("x",), "x", FileWrong("too_large")),),),
}


def errors() -> list[type[TandemError]]:
    """The errors that are raised: not those that are only the base of others."""
    found: list[type[TandemError]] = []
    waiting = [TandemError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind not in (TandemError, Refused):
            found.append(kind)
    return sorted(found, key=lambda kind: kind.__name__)


def values(hint: Any, name: str) -> tuple[Any, ...]:
    """What a fact of this type can be; a text is `name`."""
    origin = get_origin(hint)
    if origin is Literal:
        return get_args(hint)
    if origin in (Union, types.UnionType):
        return tuple(value for each in get_args(hint) for value in values(each, name))
    if origin is tuple:
        return tuple((value,) * 3 for value in values(get_args(hint)[0], name))
    known: dict[Any, tuple[Any, ...]] = {
        Change: (Change("currency", before=name, after=name),),
        str: (name,),
        int: (2,),
        float: (0.5,),
        bool: (True, False),
        datetime: (NOON,),
        timedelta: (timedelta(3),),
    }
    return (None,) if hint is type(None) else known.get(hint, ((),))


def examples(kind: type[TandemError], name: str) -> Iterator[TandemError]:
    """The error with everything that its facts can be."""
    hints = get_type_hints(kind)
    facts = [OURS.get(f"{kind.__name__}.{each.name}") or values(hints[each.name], name) for each in fields(kind)]  # type: ignore[arg-type]
    for given in product(*facts):
        yield kind(*given)


def markup(text: str) -> str:
    """What Slack would take for markup, mentions of members aside."""
    text = re.sub(r"<@U1>|<#C\w+>|`/?[a-z0-9-]+(?: [a-z]+)?`", "", text)
    return " ".join(re.findall(r"<|>|&(?!amp;|lt;|gt;)|\*\w|\w\*|`|~y~|_x_", text))


@pytest.mark.parametrize("kind", errors(), ids=lambda kind: kind.__name__)
def test_every_error_has_its_own_sentence(kind: type[TandemError]) -> None:
    for error in examples(kind, "Ana"):
        told = plain_sentence(error)
        assert is_expected(error)
        assert told.strip()
        assert "Something went wrong" not in told
        assert "None" not in told


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", errors(), ids=lambda kind: kind.__name__)
def test_no_name_becomes_markup(kind: type[TandemError], name: str) -> None:
    for error in examples(kind, name):
        assert markup(sentence(error)) == ""


@pytest.mark.parametrize("name", NAMES)
def test_no_name_becomes_markup_over_a_form_that_was_changed_meanwhile(name: str) -> None:
    for error in examples(Changed, name):
        assert isinstance(error, Changed)
        assert markup(changed_meanwhile(error)) == ""


def test_an_error_with_the_same_facts_is_the_same() -> None:
    assert NotAllowed("claim", ("rep",), "marketer") == NotAllowed("claim", ("rep",), "marketer")
    assert FieldProblems({"name": TextEmpty()}) == FieldProblems({"name": TextEmpty()})
