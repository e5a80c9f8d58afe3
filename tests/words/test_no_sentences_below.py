"""Whatever is below handlers/ hands up facts: no literal there is a finished sentence for a person."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.syntax import syntax_tree

ROOT: Final = Path(__file__).parent.parent.parent
ROOMS: Final = ("domain", "storage", "digests")
FINISHED: Final = re.compile(r"[\w”’)\]}%]+ .*[\w”’\"`)\]}%…][.?!](?:\Z| [A-Z])", re.DOTALL)
"""Several words, and a mark that ends a sentence: at the end, or before another sentence."""


STILL: Final = (
    "domain/leads/routed.py",
    "domain/leads/taken.py",
)
"""Where sentences still are made: the notes of a lead. Rows keep them as text, which the release before shows as it is,
and a resend is known by a fingerprint of all that was said, notes included: made of facts, it would be another one."""


def words_of(node: ast.AST) -> str | None:
    """The text of a literal, with `{}` where something is filled in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def sentences_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, text) of each literal that is a sentence; texts that document the code are none."""
    aside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            aside.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            aside.update(part for part in ast.walk(node) if part is not node)
        elif isinstance(node, ast.Assert) and node.msg is not None:
            aside.update(ast.walk(node.msg))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("re.compile", "text", "log.warning"):
            aside.update(part for given in node.args for part in ast.walk(given))
    for node in ast.walk(tree):
        text = None if node in aside else words_of(node)
        if text is not None and "(?" not in text and FINISHED.search(text):
            assert isinstance(node, ast.expr)
            yield node.lineno, text


def test_no_room_below_the_handlers_makes_sentences() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: {text[:90]!r}"
        for room in ROOMS
        for file in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in file.parts and not str(file.relative_to(ROOT)).startswith(STILL)
        for line, text in sentences_in(syntax_tree(file))
    ]
    assert found == []


def test_a_sentence_is_told_from_other_texts() -> None:
    tree = syntax_tree(
        '"""Docs end so, too."""\n'
        'raise Refused("That time has passed. Pick a later time.")\n'
        'x = f"{name} is a guest, and guests get no leads."\n'
        'y = "team {name}"\n'
        'raise ValueError("limit must be at least 1")\n'
    )
    assert [line for line, _ in sentences_in(tree)] == [3, 2]
