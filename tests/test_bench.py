"""The runner of the measurements: what it prints, and that a missed target is a failure."""

import pytest

import bench
from bench import Row
from bench.__main__ import main


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, bench.Measurement]:
    """Two measurements of our own in place of the real ones, which take long."""

    async def slow() -> Row:
        return Row.at_most("ping late by", 80, "ms", 50)

    ours: dict[str, bench.Measurement] = {
        "fast": lambda: Row.at_least("outbox rows", 11_000, "/s", 5_000, note="drained"),
        "slow": slow,
    }
    monkeypatch.setattr("bench.__main__.measurements", lambda: ours)
    monkeypatch.setenv("COLUMNS", "200")
    return ours


def test_what_is_reached_exits_with_0_and_names_the_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fast"]) == 0
    printed = capsys.readouterr().out
    assert "SQLite 3." in printed
    assert "PostgreSQL 18." in printed
    assert "at least 5,000 /s" in printed
    assert "ping late by" not in printed


def test_one_row_that_misses_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    printed = capsys.readouterr().out
    assert "80 ms" in printed
    assert "missed" in printed
    assert "outbox rows" in printed


def test_a_measurement_that_breaks_is_a_miss_and_the_others_go_on(
    registry: dict[str, bench.Measurement], capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Row:
        raise RuntimeError("no database")

    registry["broken"] = broken
    assert main(["broken", "fast"]) == 1
    printed = capsys.readouterr().out
    assert "no database" in printed
    assert "outbox rows" in printed


def test_an_unknown_name_exits_with_2() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["nonesuch"])
    assert ended.value.code == 2


def test_the_real_measurements_are_found() -> None:
    assert "sqlite_commit" in bench.measurements()
