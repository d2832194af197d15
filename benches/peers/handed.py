"""What a peer is given, and what it hands back: a job, and a folder with events.jsonl, report.json and the answer.

events.jsonl     {"seconds", "stage", "objective", "bound"}, one a line: the seconds count from the end of loading
report.json      {"status", "objective", "bound", "load_seconds", "solve_seconds", "version", "bound_note"}
allocation.csv   case_id,officer_id
holding.csv      case_id
"""

import json
import math
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """One run of one peer."""

    mps: Path
    model: Path
    columns: Path
    out: Path
    time_limit: float
    threads: int

    def write(self, path: Path) -> None:
        fields = {name: str(value) if isinstance(value, Path) else value for name, value in vars(self).items()}
        path.write_text(json.dumps(fields), encoding="utf-8")


def read_job(path: str) -> Job:
    """The job that Job.write wrote."""
    fields = json.loads(Path(path).read_text(encoding="utf-8"))
    for name in ("mps", "model", "columns", "out"):
        fields[name] = Path(fields[name])
    return Job(**fields)


def finite(number: float | None) -> float | None:
    """`None` for what solvers use as infinity."""
    return None if number is None or not math.isfinite(number) or abs(number) >= 1e19 else float(number)


class Report:
    """Writes a peer's events as they come, and its report at the end."""

    def __init__(self, job: Job, version: str) -> None:
        self.job = job
        self.version = version
        self.begin = time.monotonic()
        self.load_seconds = 0.0
        self.events = (job.out / "events.jsonl").open("w", encoding="utf-8")
        self.last: tuple[float | None, float | None] = (None, None)
        self.last_seconds = -1.0

    def loaded(self) -> None:
        """From here on the time limit counts."""
        now = time.monotonic()
        self.load_seconds, self.begin = now - self.begin, now
        self.write("loaded", 0.0, None, None)

    def seconds(self) -> float:
        """Since the end of loading."""
        return time.monotonic() - self.begin

    def event(self, objective: float | None, bound: float | None) -> None:
        """A better objective or bound. Of bounds alone, ten a second at most are written."""
        found = (finite(objective), finite(bound))
        seconds = self.seconds()
        if found == self.last or (found[0] == self.last[0] and seconds < self.last_seconds + 0.1):
            return
        self.last, self.last_seconds = found, seconds
        self.write("search", seconds, *found)

    def write(self, stage: str, seconds: float, objective: float | None, bound: float | None) -> None:
        line = {"seconds": round(seconds, 4), "stage": stage, "objective": objective, "bound": bound}
        self.events.write(json.dumps(line) + "\n")
        self.events.flush()

    def finish(self, status: str, objective: float | None, bound: float | None, bound_note: str | None = None) -> None:
        """Call it as soon as the solver has returned, before the answer is written."""
        solve_seconds = self.seconds()
        objective, bound = finite(objective), finite(bound)
        self.write("end", solve_seconds, objective, bound)
        report = {
            "status": status,
            "objective": objective,
            "bound": bound,
            "load_seconds": self.load_seconds,
            "solve_seconds": solve_seconds,
            "version": self.version,
            "bound_note": bound_note,
        }
        (self.job.out / "report.json").write_text(json.dumps(report), encoding="utf-8")


def write_answer(out: Path, chosen: Iterable[str]) -> None:
    """The answer, from the names of the columns that are 1: CASE;OFFICER, or CASE; for waiting."""
    with (
        (out / "allocation.csv").open("w", encoding="utf-8") as allocation,
        (out / "holding.csv").open("w", encoding="utf-8") as holding,
    ):
        allocation.write("case_id,officer_id\n")
        holding.write("case_id\n")
        for name in chosen:
            case, _, officer = name.rpartition(";")
            if officer:
                allocation.write(f"{case},{officer}\n")
            else:
                holding.write(f"{case}\n")


def write_chosen(job: Job, is_chosen: Iterable[bool]) -> None:
    """The answer, from one truth value a column, in the order of the MPS file."""
    with job.columns.open(encoding="utf-8") as names:
        write_answer(job.out, (name.rstrip("\n") for name, chosen in zip(names, is_chosen, strict=True) if chosen))


def job_of_command_line() -> Job:
    """The job whose file is the only argument."""
    return read_job(sys.argv[1])
