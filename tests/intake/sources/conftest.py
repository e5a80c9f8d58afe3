"""The worked example of CONTRIBUTING.md, dropped in: its file, and its line in the list."""

import importlib.util
import sys
from pathlib import Path

import pytest

import domain.sources
import handlers.intake.sources as kinds

FILE = Path(__file__).parent.parent.parent / "examples" / "source" / "guestbook.py"


@pytest.fixture
def guestbook(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"{kinds.__name__}.guestbook"
    spec = importlib.util.spec_from_file_location(name, FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(domain.sources, "AUTHS", (*domain.sources.AUTHS, "guestbook"))
    monkeypatch.setitem(kinds.ADAPTERS, "guestbook", kinds.adapter_of("guestbook"))
