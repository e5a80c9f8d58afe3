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


@pytest.mark.parametrize("linked", ["symlink_to", "hardlink_to"])
def test_a_second_name_of_the_file_does_not_get_past_the_owner(tmp_path: Path, linked: str) -> None:
    database = tmp_path / "tandem.db"
    database.touch()
    owner = Ownership(make_url(f"sqlite:///{database}"))
    owner.take()
    other = tmp_path / "elsewhere" / "other.db"
    other.parent.mkdir()
    getattr(other, linked)(database)
    with pytest.raises(SettingsProblem, match=r"Another Tandem|second name"):
        Ownership(make_url(f"sqlite:///{other}")).take()
    owner.release()


def test_postgresql_has_no_single_owner() -> None:
    url = make_url("postgresql://127.0.0.1/tandem")
    Ownership(url).take()
    Ownership(url).take()
