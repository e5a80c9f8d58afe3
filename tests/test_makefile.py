"""Set-up by make: what it says on a machine that lacks something, and that it does nothing twice."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYTHON_311 = 'case "$*" in *ensurepip*) exit 1;; esac'
"""A python3 as Debian has it without its package python3-venv."""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """An empty clone, in a folder with a space in its name, beside a path with make but no Python."""
    folder = tmp_path / "my clone"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("requirements-dev.lock", "requirements.lock", "pyproject.toml"):
        (folder / name).touch()
    (tmp_path / "bin").mkdir()
    for name in ("make", "cat", "rm", "mkdir"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / "bin" / name).symlink_to(found)
    return folder


def make(clone: Path, *arguments: str, python: str | None = None) -> subprocess.CompletedProcess[str]:
    path = clone.parent / "bin"
    if python is not None:
        (path / "python3").write_text(f"#!/bin/sh\n{python}\n")
        (path / "python3").chmod(0o755)
    # Only this path: what make tells the make that runs the tests is not meant for this one.
    return subprocess.run(
        ["make", *arguments], cwd=clone, env={"PATH": os.fspath(path)}, capture_output=True, text=True
    )


def fresh_environment(clone: Path) -> Path:
    stamp = clone / ".venv" / "set-up"
    (clone / ".venv" / "bin").mkdir(parents=True)
    python = clone / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\necho "$@" >> ran\n')
    python.chmod(0o755)
    stamp.write_text(f"{clone.resolve()}\n")
    return stamp


def test_without_python_it_says_what_is_needed(clone: Path) -> None:
    done = make(clone, "setup")
    assert done.returncode != 0
    assert "Tandem needs Python 3.11 or newer; none found as: python3 " in done.stderr


def test_an_old_python_is_none(clone: Path) -> None:
    done = make(clone, "setup", python="exit 1")
    assert done.returncode != 0
    assert "Tandem needs Python 3.11 or newer" in done.stderr


def test_without_venv_it_names_the_package(clone: Path) -> None:
    done = make(clone, "setup", python=PYTHON_311)
    assert done.returncode != 0
    assert "python3 has no venv. On Debian and Ubuntu: apt-get install python3-venv" in done.stderr


def test_a_fresh_environment_is_left_alone(clone: Path) -> None:
    fresh_environment(clone)
    done = make(clone, "setup")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_newer_lock_is_installed_with_hashes_and_without_dependencies_of_its_own_choice(
    clone: Path,
) -> None:
    stamp = fresh_environment(clone)
    os.utime(stamp, (0, 0))
    assert make(clone, "setup").returncode == 0
    _, locked, itself = (clone / "ran").read_text().splitlines()
    assert "--require-hashes --no-deps -r requirements-dev.lock" in locked
    assert "--no-deps --no-build-isolation --no-index -e ." in itself
    assert make(clone, "setup").stdout == ""


def test_a_folder_that_was_moved_gets_a_new_environment(clone: Path) -> None:
    fresh_environment(clone)
    moved = clone.rename(clone.parent / "moved clone")
    done = make(moved, "setup", python='case "$*" in *"-m venv"*) echo "$@" > made; exit 1;; esac')
    assert done.returncode != 0
    assert (moved / "made").read_text() == "-m venv --clear .venv\n"


def test_where_tandem_only_runs_no_tools_are_installed_and_updates_keep_to_that(clone: Path) -> None:
    stamp = fresh_environment(clone)
    assert make(clone, "setup", "LOCK=requirements.lock").returncode == 0
    os.utime(stamp, (0, 0))
    assert make(clone, "setup").returncode == 0
    asked, first, _, second = (clone / "ran").read_text().splitlines()
    assert "sys.version_info" in asked
    assert first == second
    assert "--require-hashes --no-deps -r requirements.lock" in first
