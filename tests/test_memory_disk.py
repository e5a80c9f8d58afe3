"""Temporary files lie in memory where there is such a folder with room, and else where the machine has them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests import memory_disk
from tests.memory_disk import fits, use_memory


@pytest.fixture
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process begins: no place was chosen yet. Both are put back after the test."""
    monkeypatch.setenv("TMPDIR", "")  # or what a test sets were not taken back where nothing was set
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.mark.usefixtures("nothing_chosen")
def test_what_is_temporary_goes_to_a_folder_that_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_disk, "ROOM", 1)
    assert use_memory(tmp_path)
    assert tempfile.gettempdir() == str(tmp_path)


@pytest.mark.usefixtures("nothing_chosen")
def test_a_place_that_a_developer_chose_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_disk, "ROOM", 1)
    monkeypatch.setenv("TMPDIR", "/var/tmp")
    assert not use_memory(tmp_path)
    assert tempfile.gettempdir() == "/var/tmp"


@pytest.mark.usefixtures("nothing_chosen")
def test_a_machine_without_room_there_keeps_its_own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_disk, "ROOM", 1 << 62)
    assert not use_memory(tmp_path)
    assert not fits(tmp_path / "not there")
    assert tempfile.gettempdir() != str(tmp_path)
