"""What running takes is what the product imports, no more; developing takes the same versions and its own tools."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.syntax import syntax_tree
from tests.test_imports import PRODUCT, ROOT

NOT_IMPORTED = {
    "httptools": "uvicorn parses HTTP with it (bot/web/server.py)",
    "tzdata": "zoneinfo reads it where the system has no zones",
    "websockets": "uvicorn serves the playground's Socket Mode with it",
}
"""What nothing imports and is needed all the same, with the reason."""

LOCKED = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def wanted(extra: str | None = None) -> set[str]:
    """The distributions that pyproject.toml names, for running or for an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines: list[str] = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {re.split(r"[\[<>=~! ]", line)[0] for line in lines}


def imported() -> set[str]:
    """The distributions that the product's files import, as far as they are not Python's own."""
    distributions = packages_distributions()
    names: set[str] = set()
    for room in PRODUCT:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(syntax_tree(file)):
                if isinstance(node, ast.Import):
                    names |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names.add(node.module.split(".")[0])
    outside = names - set(PRODUCT) - set(sys.stdlib_module_names)
    return {distribution.lower().replace("_", "-") for name in outside for distribution in distributions[name]}


def locked(name: str) -> dict[str, str]:
    """The versions in a lock file."""
    return dict(LOCKED.findall((ROOT / name).read_text()))


def test_the_product_imports_what_running_installs_and_nothing_else() -> None:
    assert imported() | NOT_IMPORTED.keys() == wanted()


def test_running_installs_no_tools() -> None:
    tools = wanted("dev") - wanted()
    assert tools & locked("requirements.lock").keys() == set()


@pytest.mark.parametrize(("lock", "extra"), [("requirements.lock", None), ("requirements-dev.lock", "dev")])
def test_each_lock_holds_what_is_asked_for(lock: str, extra: str | None) -> None:
    assert wanted() | (wanted(extra) if extra else set()) <= locked(lock).keys()


def test_developing_is_done_with_the_versions_that_run() -> None:
    developing = locked("requirements-dev.lock")
    assert {name: developing.get(name) for name in locked("requirements.lock")} == locked("requirements.lock")
