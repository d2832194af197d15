"""gap-over-time.svg: how fast every solver's gap falls."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from peers import records
from peers.gap_file import BestKnown
from peers.instances import Instance
from peers.records import Point, Record, gap
from peers.solvers import SOLVERS

if TYPE_CHECKING:  # matplotlib is imported where it is used: see child.py
    from matplotlib.axes import Axes

COLOURS = {
    "caseload": "#b3261e",
    "highs": "#1f5fa8",
    "cpsat": "#2e7d32",
    "scip": "#8e5bb5",
    "timefold": "#c77700",
    "flow": "#00838f",
}
FLOOR = 1e-5
"""Gaps below it, 0 among them, are drawn on the lowest line."""

CEILING = 10.0
EARLIEST = 0.05

PANELS = [
    ("casework-1000x20-tight", "1,000 x 20, tight"),
    ("casework-1000x20-short", "1,000 x 20, short"),
    ("casework-12000x150-tight", "12,000 x 150, tight"),
    ("casework-12000x150-short", "12,000 x 150, short"),
    ("casework-50000x500-tight", "50,000 x 500, tight"),
    ("casework-50000x500-short", "50,000 x 500, short"),
    ("d20400", "GAP d20400"),
    ("e401600", "GAP e401600"),
]
"""Which instances are drawn, if they were run; without any of them, the first that were."""

PANELS_MAX = 8


def reference(instance: str, runs: list[Record], best_known: Mapping[str, BestKnown]) -> float | None:
    """What an answer is compared with: the best bound of anybody, or what is known."""
    bounds = [run.bound for run in runs if run.bound is not None]
    if instance in best_known:
        bounds.append(best_known[instance].lower_bound)
    return max(bounds, default=None)


def joined(runs: list[Record]) -> list[Point]:
    """All runs of one solver on one instance: longer limits continue shorter ones."""
    return records.best_so_far(point for run in runs for point in run.trajectory)


def proven(points: list[Point]) -> list[tuple[float, float]]:
    """Seconds and gap, of answers and bounds of the same solver."""
    found = [(point.seconds, gap(point.objective, point.bound)) for point in points]
    return [(max(seconds, EARLIEST), ratio) for seconds, ratio in found if ratio is not None]


def against(points: list[Point], best: float) -> list[tuple[float, float]]:
    """Seconds and gap, of answers against the best that is known."""
    found = [(point.seconds, gap(point.objective, best)) for point in points]
    return [(max(seconds, EARLIEST), ratio) for seconds, ratio in found if ratio is not None]


def chosen_panels(runs: list[Record], instances: list[Instance]) -> list[tuple[str, str]]:
    """Names and titles of the instances to draw."""
    drawn = {run.instance for run in runs if run.trajectory}
    panels = [(name, title) for name, title in PANELS if name in drawn]
    if not panels:
        panels = [(instance.name, instance.name) for instance in instances if instance.name in drawn]
    return panels[:PANELS_MAX]


def label(ratio: float) -> str:
    return "0.001 %\nor less" if ratio <= FLOOR else f"{ratio * 100:g} %"


def draw(runs: list[Record], instances: list[Instance], best_known: Mapping[str, BestKnown], path: Path) -> bool:
    """Writes the picture; False where there is nothing to draw yet."""
    panels = chosen_panels(runs, instances)
    if not panels:
        return False
    import matplotlib

    matplotlib.use("svg")
    # Text stays text, and the same data give the same file.
    matplotlib.rcParams.update(
        {"svg.fonttype": "none", "svg.hashsalt": "caseload", "font.family": "sans-serif", "font.size": 9}
    )
    import matplotlib.pyplot as plt
    from matplotlib.lines import Line2D
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    columns = min(2, len(panels))
    rows = math.ceil(len(panels) / columns)
    height = 2.7 * rows + 1.1
    figure, grid = plt.subplots(rows, columns, figsize=(10, height), squeeze=False, sharex=True, sharey=True)
    latest = max(point.seconds for run in runs for point in run.trajectory)
    shown: set[str] = set()
    for axes, panel in zip(grid.flat, [*panels, *[None] * (rows * columns - len(panels))], strict=True):
        if panel is None:
            axes.set_visible(False)
            continue
        name, heading = panel
        here = [run for run in runs if run.instance == name and run.state != records.WRONG]
        best = reference(name, here, best_known)
        axes.set_title(heading, fontsize=10, loc="left")
        axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
        axes.set_axisbelow(True)
        silent = []
        for solver in reversed(SOLVERS):
            mine = [run for run in here if run.solver == solver.name]
            colour = COLOURS.get(solver.name)
            if not mine or colour is None:
                continue
            points = joined(mine)
            front = 5 if solver.name == "caseload" else 3
            if best is not None and (line := against(points, best)):
                shown.add(solver.name)
                step(axes, line, latest, colour, front, "--", 1.0)
            else:
                silent.append(solver.title)
            if line := proven(points):
                shown.add(solver.name)
                step(axes, line, latest, colour, front, "-", 2.2 if solver.name == "caseload" else 1.5)
        if silent:
            axes.text(
                0.02,
                0.05,
                "no answer in time: " + ", ".join(reversed(silent)),
                transform=axes.transAxes,
                fontsize=8,
                color="#555555",
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5},
                zorder=9,
            )
    ticks = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10]
    for axes in grid.flat:
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(EARLIEST, latest * 1.15)
        axes.set_ylim(FLOOR * 0.75, CEILING * 1.3)
        axes.yaxis.set_major_locator(FixedLocator(ticks))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda ratio, _: label(ratio)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_locator(FixedLocator([0.1, 1, 10, 60, 100, 1000]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:g}"))
        axes.xaxis.set_minor_locator(NullLocator())
    for column in range(columns):
        lowest = max((row for row in range(rows) if grid[row, column].get_visible()), default=0)
        grid[lowest, column].set_xlabel("seconds of search")
        grid[lowest, column].tick_params(labelbottom=True)
    for axes in grid[:, 0]:
        axes.set_ylabel("gap")
    handles = [
        Line2D([], [], color=COLOURS[solver.name], linewidth=2, label=solver.title)
        for solver in SOLVERS
        if solver.name in shown
    ]
    handles += [
        Line2D([], [], color="#444444", linewidth=1.6, label="proven by the solver itself"),
        Line2D(
            [], [], color="#444444", linewidth=1.0, linestyle="--", label="its answer against the best bound of any"
        ),
    ]
    figure.legend(handles=handles, loc="upper center", ncols=min(4, len(handles)), frameon=False, fontsize=9)
    legend_rows = math.ceil(len(handles) / 4)
    figure.tight_layout(rect=(0, 0, 1, 1 - (0.22 * legend_rows + 0.12) / height))
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return True


def step(
    axes: "Axes",
    line: list[tuple[float, float]],
    latest: float,
    colour: str,
    front: int,
    style: str,
    width: float,
) -> None:
    """A staircase that begins with a dot and stays where it ended."""
    times = [seconds for seconds, _ in line] + [max(latest, line[-1][0])]
    ratios = [min(CEILING, max(FLOOR, ratio)) for _, ratio in line]
    axes.plot(
        times,
        [*ratios, ratios[-1]],
        drawstyle="steps-post",
        color=colour,
        linestyle=style,
        linewidth=width,
        zorder=front,
        clip_on=False,
    )
    if style == "-":
        axes.plot(times[:1], ratios[:1], "o", color=colour, markersize=4, zorder=front, clip_on=False)
