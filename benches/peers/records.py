"""The results file: one JSON object a run, one a line. Of runs with the same key the last one counts."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# How a run ended.
ANSWERED = "answered"
BOUND_ONLY = "bound only"
NO_ANSWER = "no answer"
WRONG = "wrong answer"
KILLED = "killed"
FAILED = "failed"
SKIPPED = "skipped"

TRAJECTORY_MAX = 150
"""Most points kept of one run."""


@dataclass(frozen=True)
class Point:
    """What was known after so many seconds."""

    seconds: float
    objective: float | None
    bound: float | None


@dataclass(frozen=True)
class Record:
    """One run of one solver on one instance."""

    instance: str
    kind: str
    cases: int
    officers: int
    solver: str
    time_limit: float
    threads: int
    state: str
    reason: str | None = None
    status: str | None = None
    objective: int | None = None
    bound: int | None = None
    price_bound: int | None = None
    load_seconds: float | None = None
    solve_seconds: float | None = None
    wall_seconds: float | None = None
    cpu_seconds: float | None = None
    peak_memory_bytes: int | None = None
    waiting_count: int | None = None
    note: str | None = None
    version: str | None = None
    date: str | None = None
    machine: dict[str, Any] = field(default_factory=dict)
    load_before: float | None = None
    trajectory: list[Point] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, float]:
        return self.instance, self.solver, self.time_limit

    @property
    def own_gap(self) -> float | None:
        """Proven by the run itself, as a ratio."""
        return gap(self.objective, self.bound)

    @property
    def is_optimal(self) -> bool:
        """Answered, checked, and proved by itself to be the best there is."""
        return self.state == ANSWERED and self.objective is not None and self.objective == self.bound


def gap(objective: float | None, bound: float | None) -> float | None:
    """(objective - bound) / objective; 0 at objective 0."""
    if objective is None or bound is None:
        return None
    return 0.0 if objective == 0 else (objective - bound) / abs(objective)


def round_up(bound: float | None) -> int | None:
    """All prices are whole numbers, so that no allocation costs a fraction: a favour to every solver alike.

    A millionth and a relative 1e-9 are taken for rounding errors of floating-point solvers.
    """
    if bound is None:
        return None
    if bound == int(bound):
        return int(bound)
    return math.ceil(bound - 1e-6 - 1e-9 * abs(bound))


def thinned(points: list[Point], most: int = TRAJECTORY_MAX) -> list[Point]:
    """First and last stay, and what lies between them evenly on a logarithmic clock."""
    if len(points) <= most:
        return points
    begin = max(points[0].seconds, 0.01)
    end = max(points[-1].seconds, begin * 1.01)
    kept: dict[int, Point] = {}
    for point in points[1:-1]:
        place = math.log(max(point.seconds, begin) / begin) / math.log(end / begin)
        kept[int(place * (most - 2))] = point
    return [points[0], *(kept[place] for place in sorted(kept)), points[-1]]


def best_so_far(points: Iterable[Point]) -> list[Point]:
    """Each with the best objective and bound that were known by then."""
    objective: float | None = None
    bound: float | None = None
    found = []
    for point in sorted(points, key=lambda point: point.seconds):
        if point.objective is not None:
            objective = point.objective if objective is None else min(objective, point.objective)
        if point.bound is not None:
            bound = point.bound if bound is None else max(bound, point.bound)
        found.append(Point(point.seconds, objective, bound))
    return found


def read_events(path: Path) -> list[Point]:
    """A peer's events.jsonl, or caseload's trace. A last line cut off by a kill is left out."""
    points: list[Point] = []
    if not path.exists():
        return points
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue
        if entry.get("objective") is not None or entry.get("bound") is not None:
            points.append(Point(float(entry["seconds"]), entry.get("objective"), entry.get("bound")))
    return points


def to_line(record: Record) -> str:
    return json.dumps(asdict(record), separators=(",", ":"))


def of_line(line: str) -> Record:
    fields = json.loads(line)
    fields["trajectory"] = [Point(**point) for point in fields["trajectory"]]
    return Record(**fields)


class Results:
    """The file, and what is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records: dict[tuple[str, str, float], Record] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                # A line that a power cut left unfinished is a run that is not there.
                try:
                    self.keep(of_line(line))
                except json.JSONDecodeError:
                    print(f"{path.name}: a line that is cut off is left out")

    def keep(self, record: Record) -> None:
        """A skip never hides a run."""
        old = self.records.get(record.key)
        if old is None or old.state == SKIPPED or record.state != SKIPPED:
            self.records[record.key] = record

    def add(self, record: Record) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Begins with a line's end where the last line was cut off.
        has_end = not self.path.exists() or self.path.read_bytes()[-1:] in (b"\n", b"")
        with self.path.open("a", encoding="utf-8") as file:
            file.write(("" if has_end else "\n") + to_line(record) + "\n")
        self.keep(record)

    def has_run(self, key: tuple[str, str, float]) -> bool:
        record = self.records.get(key)
        return record is not None and record.state != SKIPPED

    def has_skip(self, key: tuple[str, str, float], reason: str) -> bool:
        record = self.records.get(key)
        return record is not None and (record.state != SKIPPED or record.reason == reason)
