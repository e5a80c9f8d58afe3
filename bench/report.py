"""Makes `docs/performance.md`, its charts and `docs/scale.md` from what is kept; the words are in templates."""

import re
import statistics
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench import Chart
from bench.results import Taking

ORDER = (
    "voc_ack",
    "intake",
    "load",
    "breach_cost",
    "breach_lateness",
    "courier_pace",
    "neighbours",
    "restart",
    "start",
    "memory",
    "gathering",
    "scale",
)
"""The order of the page; what is not named here follows."""

DIGEST_ROWS = tuple(f"gather a {kind} digest, PostgreSQL, 1,000,000" for kind in ("marketing", "sales"))
"""What docs/scale.md takes an edition to cost."""


def write_report(docs: Path, results: Mapping[str, Taking]) -> None:
    """Write `performance.md`, `images/performance/*.svg` and `scale.md` in `docs`; charts that are no more are removed.

    `scale.md` only when what it counts with was measured.
    """
    from bench.charts import draw  # matplotlib takes longer to load than many a measurement to take

    images = docs / "images" / "performance"
    images.mkdir(parents=True, exist_ok=True)
    drawn = set()
    for name, taking in results.items():
        for chart in taking.charts:
            for page in ("light", "dark"):
                path = images / f"{chart_name(name, chart)}-{page}.svg"
                draw(chart, path, page)
                drawn.add(path)
    for path in set(images.glob("*.svg")) - drawn:
        path.unlink()
    (docs / "performance.md").write_text(report(results))
    if {"scale", "gathering"} <= results.keys():
        (docs / "scale.md").write_text(scale_report(results))


def report(results: Mapping[str, Taking]) -> str:
    """The page as Markdown."""
    names = sorted(results, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
    latest = max(results.values(), key=lambda taking: taking.at) if results else None
    sections = [
        {
            "name": name,
            "title": name.replace("_", " ").capitalize(),
            "taking": results[name],
            "elsewhere": results[name].machine != latest.machine if latest else False,
            "charts": [(chart, chart_name(name, chart)) for chart in results[name].charts],
            "notes": _notes(results[name]),
        }
        for name in names
    ]
    return (
        _environment()
        .get_template("performance.md.jinja")
        .render(
            sections=sections,
            latest=latest,
        )
    )


def scale_report(results: Mapping[str, Taking]) -> str:
    """The arithmetic of `docs/scale.md`, with the figures of "scale" and "gathering"."""
    from storage.pace import LIMITS

    figures = {row.name: row.value for row in results["scale"].rows}
    digests = [row.value for row in results["gathering"].rows if row.name in DIGEST_ROWS]
    return (
        _environment()
        .get_template("scale.md.jinja")
        .render(figure=figures.__getitem__, gathering=statistics.mean(digests), limits=LIMITS)
    )


def chart_name(measurement: str, chart: Chart) -> str:
    """The name of a chart's files, without what tells light from dark."""
    return f"{measurement}-{re.sub(r'[^a-z0-9]+', '-', chart.title.lower()).strip('-')}"


def _notes(taking: Taking) -> list[tuple[str, str]]:
    """What bounds each figure: the names of the rows that share a note, and the note."""
    found: dict[str, list[str]] = {}
    for row in taking.rows:
        if row.note:
            found.setdefault(row.note, []).append(row.name)
    return [(", ".join(names), note) for note, names in found.items()]


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown of our own figures
    )
    environment.filters["cell"] = lambda words: words.replace("|", "\\|").replace("\n", " ")
    environment.filters["n"] = lambda number, places=0: f"{number:,.{places}f}"
    return environment
