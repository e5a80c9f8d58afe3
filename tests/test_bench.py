"""The runner of the measurements: what it prints and keeps, and that a missed target is a failure."""

import json
import re
from pathlib import Path

import pytest

import bench
from bench import Chart, Line, Row
from bench.__main__ import DOCS, main
from bench.report import report
from bench.results import read_results


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, bench.Measurement]:
    """Two measurements of our own in place of the real ones, which take long."""

    async def slow() -> list[Row | Chart]:
        """Pings, one after the other."""
        late = Line.distribution("pings", range(100))
        return [Row.at_most("ping late by", 80, "ms", 50), Chart("Ping lateness", "ms", "%", (late,))]

    ours: dict[str, bench.Measurement] = {
        "fast": lambda: Row.at_least("outbox rows", 11_000, "/s", 5_000, note="drained"),
        "slow": slow,
    }
    monkeypatch.setattr("bench.__main__.measurements", lambda: ours)
    monkeypatch.setenv("COLUMNS", "200")
    return ours


def test_what_is_reached_exits_with_0_and_names_the_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fast"], tmp_path) == 0
    printed = capsys.readouterr().out
    assert "SQLite 3." in printed
    assert "PostgreSQL 18." in printed
    assert "at least 5,000 /s" in printed
    assert "ping late by" not in printed


def test_one_row_that_misses_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], tmp_path) == 1
    printed = capsys.readouterr().out
    assert "80 ms" in printed
    assert "missed" in printed
    assert "outbox rows" in printed


def test_a_measurement_that_breaks_is_a_miss_and_the_others_go_on(
    registry: dict[str, bench.Measurement], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Row:
        raise RuntimeError("no database")

    registry["broken"] = broken
    assert main(["broken", "fast"], tmp_path) == 1
    printed = capsys.readouterr().out
    assert "no database" in printed
    assert "outbox rows" in printed
    assert set(json.loads((tmp_path / "performance.json").read_text())) == {"fast"}


def test_an_unknown_name_exits_with_2(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["nonesuch"], tmp_path)
    assert ended.value.code == 2


def test_the_real_measurements_are_found() -> None:
    assert "voc_ack" in bench.measurements()


def test_what_was_measured_before_is_kept_beside_what_is_measured_anew(
    registry: dict[str, bench.Measurement], tmp_path: Path
) -> None:
    main([], tmp_path)
    registry["fast"] = lambda: Row.at_least("outbox rows", 9_000, "/s", 5_000, note="the disk", size="10,000 rows")
    main(["fast"], tmp_path)
    kept = read_results(tmp_path / "performance.json")
    assert [row.value for row in kept["fast"].rows] == [9_000]
    assert [row.name for row in kept["slow"].rows] == ["ping late by"]
    page = (tmp_path / "performance.md").read_text()
    assert re.search(r"\| outbox rows \|.*10,000 rows.*9,000 /s.*at least 5,000 /s \| ok \|", page)
    assert re.search(r"\| ping late by \|.*80 ms.*at most 50 ms \| \*\*missed\*\* \|", page)
    assert "Pings, one after the other." in page
    assert "- outbox rows: the disk" in page


def test_the_page_shows_a_chart_in_light_and_in_dark(tmp_path: Path) -> None:
    main(["slow"], tmp_path)
    page = (tmp_path / "performance.md").read_text()
    for file in ("slow-ping-lateness-light.svg", "slow-ping-lateness-dark.svg"):
        assert f"images/performance/{file}" in page
        assert "Ping lateness" in (tmp_path / "images" / "performance" / file).read_text()


def test_a_quick_run_keeps_nothing_and_misses_nothing(
    registry: dict[str, bench.Measurement], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registry["sized"] = lambda: Row.at_least("leads", bench.sized(10_000, quick=10), "leads", 10_000)
    assert main(["sized", "--quick"], tmp_path) == 0
    assert "10 leads" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    assert main(["sized"], tmp_path) == 0


def test_the_committed_page_is_made_from_the_committed_figures() -> None:
    written = (DOCS / "performance.md").read_text()
    assert written == report(read_results(DOCS / "performance.json"))


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert bench.percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.0
    assert bench.percentile(range(1, 101), 99) == 99
    with pytest.raises(ValueError, match="no values"):
        bench.percentile([], 50)
