"""Draws a chart as two SVG files, for a light and a dark page; text stays text, and equal figures give equal files."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench import Chart

COLOURS = {
    "light": {"ink": "#1f2328", "faint": "#d1d9e0", "behind": "#818b98", "limit": "#cf222e"},
    "dark": {"ink": "#e6edf3", "faint": "#3d444d", "behind": "#8b949e", "limit": "#ff7b72"},
}
LINES = {
    "light": ("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#9a6700"),
    "dark": ("#58a6ff", "#f0883e", "#3fb950", "#bc8cff", "#d29922"),
}
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "tandem",
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.titlepad": 14,
}


def draw(chart: Chart, path: Path, page: str) -> None:
    """Write `chart` to `path` for a page that is "light" or "dark"; its ground is the page's own."""
    colours, lines = COLOURS[page], list(LINES[page])
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.6), layout="constrained")
        axes = figure.subplots()
        for line in chart.lines:
            x, y = zip(*line.points, strict=True)
            axes.plot(
                x,
                y,
                label=line.name,
                color=colours["behind"] if line.against else lines.pop(0),
                linestyle="--" if line.against else "-",
                linewidth=1.6 if line.against else 2.2,
                marker="o" if len(x) <= 12 else "",
                markersize=5,
            )
        if chart.limit is not None:
            axes.axhline(chart.limit, color=colours["limit"], linewidth=1.2, linestyle=":", label="must be")
        _scale(axes, chart)
        axes.set_title(chart.title, color=colours["ink"])
        axes.set_xlabel(chart.x, color=colours["ink"])
        axes.set_ylabel(chart.y, color=colours["ink"])
        axes.tick_params(which="both", colors=colours["ink"], length=3)
        axes.grid(visible=True, axis="y", color=colours["faint"], linewidth=0.8)
        axes.set_axisbelow(True)
        for spine in axes.spines.values():
            spine.set_color(colours["behind"])
        if len(chart.lines) > 1 or chart.limit is not None:
            axes.legend(frameon=False, labelcolor=colours["ink"], loc="best")
        figure.savefig(path, format="svg", transparent=True, metadata={"Date": None, "Title": chart.title})


def _scale(axes: Axes, chart: Chart) -> None:
    """Logarithmic where asked for, with plain numbers and a tick at each measured size; from zero otherwise."""
    plain = ticker.FuncFormatter(lambda value, _place: f"{value:,.10g}")
    if chart.log_y:
        axes.set_yscale("log")
        axes.yaxis.set_minor_formatter(ticker.NullFormatter())
    else:
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    axes.yaxis.set_major_formatter(plain)
    if chart.log_x:
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(ticker.NullFormatter())
        sizes = sorted({x for line in chart.lines for x, _y in line.points})
        if len(sizes) <= 8:
            axes.xaxis.set_major_locator(ticker.FixedLocator(sizes))
            axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.xaxis.set_major_formatter(plain)
