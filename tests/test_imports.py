"""The plan of the house, checked on its files: who may import whom, how long a file is, what a package has.

Imports are read from the syntax tree, so those inside functions and under TYPE_CHECKING count like any other.
"""

import ast
import os
import subprocess
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.syntax import syntax_tree

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "handlers", "digests", "domain", "storage")
"""From top to bottom: each may import itself and what stands right of it."""

PRODUCT = (*ROOMS, "playground")
JOINS_PLAYGROUND = "bot.demo"
LONGEST_FILE = 400


def module_name(file: Path, root: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules_of(root: Path) -> dict[str, Path]:
    """Every module of the product by its dotted name."""
    files = [file for room in PRODUCT for file in sorted((root / room).rglob("*.py"))]
    return {module_name(file, root): file for file in files}


def imports_of(module: str, file: Path, known: dict[str, Path]) -> Iterator[str]:
    """The modules that a file names, to the submodule where `from package import submodule` names one."""
    for node in ast.walk(syntax_tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                package = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
                base = package[: len(package) - node.level + 1]
                source = ".".join([*base, source] if source else base)
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield inner if inner in known else source


def import_graph(root: Path) -> dict[str, set[str]]:
    known = modules_of(root)
    return {module: set(imports_of(module, file, known)) - {module} for module, file in known.items()}


def forbidden_imports(graph: dict[str, set[str]]) -> list[str]:
    """Each import that the plan forbids, as `importer -> imported`."""
    found = []
    for module, imported in sorted(graph.items()):
        for name in sorted(imported):
            here, there = module.split(".")[0], name.split(".")[0]
            if there in ("tests", "bench"):
                found.append(f"{module} -> {name}")
            elif there not in PRODUCT or here == there:
                continue
            elif "playground" in (here, there):
                if not (there == "playground" and f"{module}.".startswith(f"{JOINS_PLAYGROUND}.")):
                    found.append(f"{module} -> {name}")
            elif ROOMS.index(there) < ROOMS.index(here):
                found.append(f"{module} -> {name}")
    return found


def import_cycle(graph: dict[str, set[str]]) -> list[str]:
    """One cycle between modules, first and last the same; empty when there is none."""
    try:
        TopologicalSorter({module: imported & graph.keys() for module, imported in graph.items()}).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def package_graph(graph: dict[str, set[str]], room: str) -> dict[str, set[str]]:
    """What the packages and modules that stand directly in a room import of each other."""
    found: dict[str, set[str]] = {}
    for module, imported in graph.items():
        here = module.split(".")
        if here[0] == room and len(here) > 1:
            names = {name.split(".")[1] for name in imported if name.startswith(f"{room}.")}
            found.setdefault(here[1], set()).update(names - {here[1]})
    return found


def project_files() -> list[Path]:
    """The files that git tracks or would track; without git, all but hidden and generated ones."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout.split(b"\0")
        files = [ROOT / os.fsdecode(name) for name in names if name]
    except (OSError, subprocess.CalledProcessError):
        skipped = {".git", ".venv", "__pycache__", "build", "dist"}
        files = [file for file in ROOT.rglob("*") if not skipped.intersection(file.relative_to(ROOT).parts)]
    return sorted(file for file in files if file.is_file())


def test_imports_run_downward_and_the_playground_stands_apart() -> None:
    assert forbidden_imports(import_graph(ROOT)) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert " -> ".join(import_cycle(import_graph(ROOT))) == ""


def test_no_packages_of_a_room_import_each_other_in_a_circle() -> None:
    graph = import_graph(ROOT)
    assert [circle for room in PRODUCT if (circle := import_cycle(package_graph(graph, room)))] == []


def test_no_file_is_longer_than_can_be_kept_in_mind() -> None:
    too_long = {
        str(file.relative_to(ROOT)): lines
        for file in project_files()
        if file.suffix in (".py", ".js", ".css", ".html")
        and "migrations" not in file.parts
        and (lines := len(file.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert too_long == {}


def test_each_subject_of_the_handlers_has_the_same_files() -> None:
    packages = [each.parent for each in (ROOT / "handlers").glob("*/__init__.py") if each.parent.name != "words"]
    missing = [
        str((package / name).relative_to(ROOT))
        for package in packages
        for name in ("listeners.py", "views.py")
        if not (package / name).is_file()
    ]
    assert missing == []


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    # Put together here, or this file would name them itself.
    hosts = [
        ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
    ]
    hosts += ["deb." + "debian.org", "proxy." + "golang.org", "crates" + ".io"]
    forbidden = [host.encode() for host in hosts] + [f"/{folder}/".encode() for folder in ("work", "root")]
    naming = [
        f"{file.relative_to(ROOT)}: {text.decode()}"
        for file in project_files()
        for text in forbidden
        if text in file.read_bytes()
    ]
    assert naming == []


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small house that keeps every rule, for the tests of the rules themselves."""
    files = {
        "bot/__init__.py": "",
        "bot/demo/__init__.py": "from playground import app\n",
        "bot/cli.py": "import handlers.voc.listeners\nfrom bot import demo\n",
        "handlers/__init__.py": "",
        "handlers/voc/__init__.py": "",
        "handlers/voc/listeners.py": "from . import views\nfrom domain import voc\nimport json\n",
        "handlers/voc/views.py": "from domain.voc import Receipt\n",
        "digests/__init__.py": "",
        "domain/__init__.py": "",
        "domain/voc.py": "import storage\n",
        "storage/__init__.py": "",
        "playground/__init__.py": "",
        "playground/app.py": "from . import feed\n",
        "playground/feed.py": "",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


def test_a_house_that_keeps_the_rules_passes(house: Path) -> None:
    graph = import_graph(house)
    assert graph["handlers.voc.listeners"] == {"handlers.voc.views", "domain.voc", "json"}
    assert forbidden_imports(graph) == []
    assert import_cycle(graph) == []


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        ("domain/voc.py", "import handlers", "domain.voc -> handlers"),
        ("domain/voc.py", "def f():\n    from bot.cli import main", "domain.voc -> bot.cli"),
        ("storage/__init__.py", "if TYPE_CHECKING:\n    import domain.voc", "storage -> domain.voc"),
        ("handlers/voc/views.py", "from playground import feed", "handlers.voc.views -> playground.feed"),
        ("playground/feed.py", "import storage", "playground.feed -> storage"),
        ("bot/cli.py", "import playground", "bot.cli -> playground"),
        ("bot/cli.py", "from tests import chromium", "bot.cli -> tests"),
        ("playground/app.py", "import bench", "playground.app -> bench"),
    ],
)
def test_an_import_against_the_plan_is_found(house: Path, file: str, line: str, complaint: str) -> None:
    (house / file).write_text(line)
    assert forbidden_imports(import_graph(house)) == [complaint]


def test_a_circle_of_imports_is_found(house: Path) -> None:
    (house / "handlers/voc/views.py").write_text("def late():\n    from handlers.voc.listeners import listen\n")
    circle = import_cycle(import_graph(house))
    assert set(circle) == {"handlers.voc.views", "handlers.voc.listeners"}
    assert circle[0] == circle[-1]


def test_a_circle_of_packages_is_found_though_no_files_are_in_a_circle(house: Path) -> None:
    (house / "handlers/voc/views.py").write_text("from handlers import blocks\n")
    (house / "handlers/blocks.py").write_text("from handlers.voc import words\n")
    (house / "handlers/voc/words.py").write_text("")
    graph = import_graph(house)
    assert import_cycle(graph) == []
    assert set(import_cycle(package_graph(graph, "handlers"))) == {"voc", "blocks"}
