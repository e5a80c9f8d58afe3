"""Finding the browser that the tests drive, and what happens on a machine that has none."""

from pathlib import Path

import pytest

from tests import chromium
from tests.chromium import ChromiumMissing, find_chromium, install_chromium


def program(file: Path, script: str = "exit 0") -> Path:
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the path of a machine without chromium, where we are root."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(bin_folder))
    monkeypatch.setattr(chromium, "_PLACES", ())
    monkeypatch.setattr(chromium, "_as_root", list)
    for name in ("env", "cp", "chmod"):
        (bin_folder / name).symlink_to(f"/usr/bin/{name}")
    return bin_folder


def test_it_is_the_first_on_the_path(machine: Path) -> None:
    chrome = program(machine / "google-chrome")
    assert find_chromium() == chrome
    assert find_chromium() != program(machine / "chromium")
    assert find_chromium() == machine / "chromium"


def test_it_is_the_one_that_the_environment_names(
    machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(machine / "chromium")
    mine = program(tmp_path / "mine")
    monkeypatch.setenv("CHROMIUM", str(mine))
    assert find_chromium() == mine
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(ChromiumMissing, match="CHROMIUM names /nowhere/chromium"):
        find_chromium()


def test_without_one_the_sentence_says_what_to_type(machine: Path) -> None:
    with pytest.raises(ChromiumMissing, match=r"apt-get install -y --no-install-recommends chromium .*emoji"):
        find_chromium()


def test_a_missing_one_is_installed(machine: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = machine / "log"
    arrives = f"cp {machine}/env {machine}/chromium; cp {machine}/env {machine}/fc-list"
    program(machine / "apt-get", f'echo "$@" >> {log}; case "$*" in *install*) {arrives};; esac')
    install_chromium()
    update, install = log.read_text().splitlines()
    assert update.endswith("update")
    assert install.endswith("install -y --no-install-recommends chromium fonts-liberation fonts-noto-color-emoji")
    assert find_chromium() == machine / "chromium"


def test_a_failed_installation_shows_what_apt_said_and_what_to_type(
    machine: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program(machine / "apt-get", "echo no such package; exit 100")
    install_chromium()
    complaint = capfd.readouterr().err
    assert "no such package" in complaint
    assert "As root: apt-get update" in complaint


def test_one_who_may_not_install_is_told_what_to_type(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    program(machine / "apt-get", f"touch {machine}/called")
    monkeypatch.setattr(chromium, "_as_root", lambda: None)
    install_chromium()
    assert "As root: apt-get update" in capfd.readouterr().err
    assert not (machine / "called").exists()


def test_a_machine_that_has_all_is_left_alone(machine: Path, capfd: pytest.CaptureFixture[str]) -> None:
    program(machine / "chromium")
    program(machine / "fc-list", "echo NotoColorEmoji.ttf")
    program(machine / "apt-get", f"touch {machine}/called")
    install_chromium()
    assert capfd.readouterr() == ("", "")
    assert not (machine / "called").exists()


def test_where_the_environment_names_one_nothing_is_installed(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    program(machine / "apt-get", f"touch {machine}/called")
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    install_chromium()
    assert "CHROMIUM names /nowhere/chromium" in capfd.readouterr().err
    assert not (machine / "called").exists()
