"""One running program per SQLite file; PostgreSQL is shared."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.ownership import Ownership
from bot.settings import SettingsProblem


def test_a_second_program_on_the_same_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    url = make_url(f"sqlite:///{tmp_path / 'tandem.db'}")
    first, second = Ownership(url), Ownership(url)
    first.take()
    with pytest.raises(SettingsProblem, match="PostgreSQL"):
        second.take()
    first.release()
    second.take()
    second.release()


def test_postgresql_has_no_single_owner() -> None:
    url = make_url("postgresql://127.0.0.1/tandem")
    Ownership(url).take()
    Ownership(url).take()
