"""The product asks for the present through one clock only, so that no process lives by two and no test by today.

Read from the syntax tree, like the plan of the house: every call that asks the computer or the database for the
present is found, whatever it was imported as. `time.monotonic` and its kin are no matter: those only measure.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.syntax import syntax_tree
from tests.test_imports import ROOMS, ROOT

MAY_ASK = ("domain/wall.py", "storage/database_time.py", "storage/migrations/")
"""A migration runs before there is a program, and stamps rows by the clock of the database that it changes."""

ASKING = re.compile(
    r"""
    (datetime\.)?(datetime|date)\.(now|utcnow|today)
    | time\.(time|time_ns|localtime|gmtime|ctime|asctime|strftime|clock_gettime|clock_gettime_ns)
    | (sqlalchemy\.(sql\.)?(expression\.)?)?func\.(now|current_\w+|localtime\w*|\w+_timestamp)
    | (sqlalchemy\.(sql\.)?(expression\.)?)?func\.(timeofday|julianday|unixepoch)
    | uuid\.uuid[167]
    | email\.utils\.localtime
    """,
    re.VERBOSE,
)
"""A call of these asks for the present."""

WITHOUT_ARGUMENTS = re.compile(r"(email\.utils\.formatdate)|.*\.astimezone")
"""A call of these asks this computer for the present, or for its zone, when it is given nothing."""

INSIDE = re.compile(
    r"(standardwebhooks\.)?Webhook\.verify|(?!adapter\.).*\.(is_valid|is_valid_request|verify|decrypt_at_time)"
)
"""Libraries' checks that ask the computer by themselves. The edge and the intake compare stamps with our clock; an
adapter of a source is handed the time."""

SQL = re.compile(
    r"\b(CURRENT_(TIMESTAMP|DATE|TIME)|LOCALTIMESTAMP|clock_timestamp|statement_timestamp)\b|\bnow\(", re.I
)


def names_of(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for, as a dotted path."""
    named: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                package = alias.name.split(".")[0]
                named[alias.asname or package] = alias.name if alias.asname else package
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            named |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return named


def dotted(node: ast.expr, named: dict[str, str]) -> str:
    """`a.b.c` with its first name spelt out; calls in between, as in `Webhook(secret).verify`, are passed over."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value, named)}.{node.attr}"
    if isinstance(node, ast.Call):
        return dotted(node.func, named)
    return named.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def asks(file: Path) -> Iterator[str]:
    """Each place that asks for the present, as `line: what`."""
    tree = syntax_tree(file)
    named = names_of(tree)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)) and ASKING.fullmatch(dotted(node, named)):
            # Not only calls: `default=datetime.now` asks later.
            yield f"{node.lineno}: {dotted(node, named)}"
        elif isinstance(node, ast.Call):
            name = dotted(node.func, named)
            bare = not node.args and not node.keywords
            if (bare and WITHOUT_ARGUMENTS.fullmatch(name)) or INSIDE.fullmatch(name):
                yield f"{node.lineno}: {name}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value):
            yield f"{node.lineno}: {node.value.strip()[:60]}"


def askers(root: Path) -> list[str]:
    files = [file for room in ROOMS for file in sorted((root / room).rglob("*.py"))]
    return [
        f"{path}:{found}"
        for file in files
        if not (path := file.relative_to(root).as_posix()).startswith(MAY_ASK)
        for found in asks(file)
    ]


def test_the_present_is_asked_for_in_one_place() -> None:
    assert askers(ROOT) == []


@pytest.mark.parametrize(
    "code",
    [
        "from datetime import datetime, UTC\nat = datetime.now(UTC)",
        "import datetime as dt\nat = dt.datetime.utcnow()",
        "from datetime import date as day\nat = day.today()",
        "import time\nat = time.time()",
        "from time import time as present\nat = present()",
        "from time import strftime\nat = strftime('%Y')",
        "from sqlalchemy import func\nat = func.now()",
        "import sqlalchemy as sa\nat = sa.func.current_timestamp()",
        "from sqlalchemy import text\nat = text('SELECT CURRENT_TIMESTAMP')",
        "at = 'UPDATE lanes SET due_at = now()'",
        "class Row:\n    at = column(default=datetime.now)",
        "from email.utils import formatdate\nat = formatdate()",
        "zone = moment.astimezone()",
        "from standardwebhooks import Webhook\nWebhook(secret).verify(body, headers)",
        "SignatureVerifier(secret).is_valid_request(body, headers)",
    ],
)
def test_every_way_to_ask_is_found(code: str, tmp_path: Path) -> None:
    file = tmp_path / "asking.py"
    file.write_text(code)
    assert list(asks(file))


@pytest.mark.parametrize(
    "code",
    [
        "import time\nbegan = time.monotonic()",
        "from datetime import datetime\nat = datetime.fromtimestamp(0, UTC)",
        "at = clock.now()",
        "local = at.astimezone(zone)",
        "from email.utils import formatdate\nat = formatdate(stamp)",
        "words = 'what is due now'",
    ],
)
def test_what_measures_or_is_given_a_moment_may_stay(code: str, tmp_path: Path) -> None:
    file = tmp_path / "measuring.py"
    file.write_text(code)
    assert list(asks(file)) == []
