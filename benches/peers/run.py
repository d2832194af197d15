"""Runs solvers on instances, back to back, and checks every answer. What has been run is not run again."""

import datetime
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from peers import child, records
from peers.caseload import Caseload
from peers.handed import Job
from peers.instances import Instance, Made, python_environment
from peers.machine import load_average, machine
from peers.records import Point, Record, Results
from peers.solvers import Solver, python_command, timefold_command, timefold_missing

MILESTONES = {12_000: [2.0], 50_000: [8.0]}
"""Further time limits of caseload on casework of so many cases: targets that are stated after few seconds."""


@dataclass(frozen=True)
class Settings:
    """What holds for all runs."""

    caseload: Caseload
    work: Path
    time_limit: float
    threads: int
    attempt_all: bool
    again: bool


@dataclass(frozen=True)
class Step:
    """One run to be made."""

    instance: Instance
    solver: Solver
    time_limit: float


def steps(instances: list[Instance], solvers: list[Solver], time_limit: float) -> Iterator[Step]:
    """Instance by instance, so that all solvers meet the same instance within minutes of each other."""
    for instance in instances:
        for solver in solvers:
            yield Step(instance, solver, time_limit)
            if solver.name == "caseload" and instance.kind == "casework":
                for limit in MILESTONES.get(instance.cases, []):
                    if limit < time_limit:
                        yield Step(instance, solver, limit)


def reason_to_skip(step: Step, settings: Settings) -> str | None:
    """Why a run is not even tried."""
    if reason := step.solver.unfit(step.instance):
        return reason
    if step.solver.name == "timefold" and (reason := timefold_missing()):
        return reason
    caseload = settings.caseload
    if step.instance.kind == "gap" and not caseload.has_gap:
        return "this caseload reads no published instances (--format), so that no answer could be checked"
    if step.solver.name != "caseload" and not caseload.has_export:
        return "this caseload has no `export mps`"
    return None if settings.attempt_all else step.solver.spared(step.instance)


def run_all(instances: list[Instance], solvers: list[Solver], settings: Settings, results: Results) -> None:
    """All steps that are lacking. Ctrl-C ends it between two lines of the results file."""
    lacking = []
    for step in steps(instances, solvers, settings.time_limit):
        key = (step.instance.name, step.solver.name, step.time_limit)
        if reason := reason_to_skip(step, settings):
            if step.solver.unfit(step.instance) is None and not results.has_skip(key, reason):
                print(f"skipped: {step.instance.name}, {step.solver.title}: {reason}")
                results.add(blank(step, settings, records.SKIPPED, reason))
        elif settings.again or not results.has_run(key):
            lacking.append(step)
    hours = sum(step.time_limit for step in lacking) / 3600
    print(f"{len(lacking)} runs are lacking; at their time limits they take {hours:.1f} hours")
    for number, step in enumerate(lacking, 1):
        print(f"[{number}/{len(lacking)}] {step.instance.name}, {step.solver.title}, {step.time_limit:g} s: ", end="")
        record = run_one(step, settings)
        results.add(record)
        print(told(record))


def recheck_all(instances: list[Instance], solvers: list[Solver], settings: Settings, results: Results) -> None:
    """Checks the kept answers again, and runs nothing: for when `caseload check`, or how it is read, has changed."""
    for step in steps(instances, solvers, settings.time_limit):
        old = results.records.get((step.instance.name, step.solver.name, step.time_limit))
        out = run_folder(step, settings)
        if old is None or old.state in (records.KILLED, records.FAILED) or not (out / "allocation.csv").exists():
            continue
        if step.solver.name == "caseload":
            claimed = with_caseload(old, out / "stdout.txt", settings.caseload.version)
        else:
            claimed = with_report(old, out / "report.json")
        made = Made(step.instance, settings.work / "instances", settings.caseload)
        new = checked(replace(claimed, version=old.version, reason=None), made, out, settings.caseload)
        if new != old:
            results.add(new)
            print(f"{step.instance.name}, {step.solver.title}, {step.time_limit:g} s: {told(new)}")


def run_folder(step: Step, settings: Settings) -> Path:
    """Where a run leaves its answer and what it told."""
    return settings.work / "runs" / step.instance.name / f"{step.solver.name}-{step.time_limit:g}"


def told(record: Record) -> str:
    """One line about a run."""
    parts = [record.state + (f" ({record.reason})" if record.reason else "")]
    if record.objective is not None:
        parts.append(f"objective {record.objective:,}")
    if record.bound is not None:
        parts.append(f"bound {record.bound:,}")
    if record.own_gap is not None:
        parts.append(f"gap {record.own_gap * 100:.4f} %")
    if record.solve_seconds is not None:
        parts.append(f"{record.solve_seconds:.1f} s")
    if record.peak_memory_bytes is not None:
        parts.append(f"{record.peak_memory_bytes / 1e6:.0f} MB")
    return ", ".join(parts)


def blank(step: Step, settings: Settings, state: str, reason: str | None) -> Record:
    """A record of which nothing is known yet but how it was asked for."""
    return Record(
        instance=step.instance.name,
        kind=step.instance.kind,
        cases=step.instance.cases,
        officers=step.instance.officers,
        solver=step.solver.name,
        time_limit=step.time_limit,
        threads=settings.threads,
        state=state,
        reason=reason,
        date=datetime.date.today().isoformat(),
        machine=machine(),
    )


def run_one(step: Step, settings: Settings) -> Record:
    """Makes what the solver reads, runs it, checks its answer."""
    made = Made(step.instance, settings.work / "instances", settings.caseload)
    out = run_folder(step, settings)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    events: Path | None = out / "events.jsonl"
    if step.solver.name == "caseload":
        # It does not tell when it has read its files.
        events = None
        trace = ["--trace", str(out / "events.jsonl")] if settings.caseload.has_trace else []
        command = [
            str(settings.caseload.path),
            "allocate",
            *made.allocate_arguments(),
            *("--time-limit", f"{step.time_limit:g}", "--threads", str(settings.threads)),
            *("--json", "--out", str(out), *trace),
        ]
    else:
        made.make_mps()
        if step.solver.needs_model:
            made.make_model()
        if step.solver.name == "timefold":
            command = timefold_command(settings.work, made.mps, out, step.time_limit)
        else:
            job = Job(made.mps, made.model, made.columns, out, step.time_limit, settings.threads)
            job.write(out / "job.json")
            command = python_command(step.solver.name, out / "job.json")
    record = replace(blank(step, settings, records.FAILED, None), load_before=load_average())
    ended = child.run(
        command,
        time_limit=step.time_limit,
        stdout=out / "stdout.txt",
        stderr=out / "stderr.txt",
        events=events,
        environment=python_environment(),
    )
    record = replace(
        record,
        wall_seconds=ended.wall_seconds,
        cpu_seconds=ended.cpu_seconds,
        peak_memory_bytes=ended.peak_memory_bytes,
    )
    points = records.read_events(out / "events.jsonl")
    if step.solver.name == "caseload":
        record = with_caseload(record, out / "stdout.txt", settings.caseload.version)
    else:
        record = with_report(record, out / "report.json")
    record = with_trajectory(record, points)
    if ended.killed_for is not None:
        return replace(record, state=records.KILLED, reason=killed_reason(ended.killed_for, points))
    if ended.exit_code != 0:
        return replace(record, state=records.FAILED, reason=last_words(out / "stderr.txt", ended.exit_code))
    if not (out / "allocation.csv").exists():
        state = records.NO_ANSWER if step.solver.has_answers else records.BOUND_ONLY
        return replace(record, state=state, objective=None)
    return checked(record, made, out, settings.caseload)


def killed_reason(reason: str, points: list[Point]) -> str:
    """With what it last told, which nobody could check."""
    last = records.best_so_far(points)[-1:]
    if last and last[0].objective is not None:
        return f"{reason}; its last word, not checked, was an objective of {last[0].objective:,.0f}"
    return reason


def last_words(stderr: Path, exit_code: int) -> str:
    """The last line of standard error."""
    lines = [line.strip() for line in stderr.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    ended = f"killed by signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
    return f"{ended}: {without_folders(lines[-1])[:200]}" if lines else ended


def without_folders(text: str) -> str:
    """Paths cut to the names of their files: the rest is the machine's own."""
    return re.sub(r"(/[\w.+-]+)+/", "", text)


def read_json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return None
    return found if isinstance(found, dict) else None


def with_caseload(record: Record, stdout: Path, version: str) -> Record:
    """What `allocate --json` says."""
    found = read_json(stdout)
    if found is None:
        return replace(record, version=version)
    source = found["bound_source"]
    highs = source.get("highs", {}).get("version") if isinstance(source, dict) else None
    is_claimed = highs is not None and found["bound"] != found["price_bound"]
    return replace(
        record,
        version=version,
        status=found["termination"],
        objective=found["objective"],
        bound=found["bound"],
        price_bound=found["price_bound"],
        load_seconds=found["seconds"] - found["solve_seconds"],
        solve_seconds=found["solve_seconds"],
        waiting_count=found["waiting_count"],
        note=f"its HiGHS {highs} claims the bound, its prices certify {found['price_bound']:,}" if is_claimed else None,
    )


def with_report(record: Record, path: Path) -> Record:
    """What a peer reports. Its objective is replaced by the checked one later."""
    found = read_json(path)
    if found is None:
        return record
    bound = records.round_up(found["bound"])
    objective = found["objective"]
    if bound is not None and objective is not None:
        bound = min(bound, round(objective))
    return replace(
        record,
        version=found["version"],
        status=found["status"],
        objective=None if objective is None else round(objective),
        bound=bound,
        load_seconds=found["load_seconds"],
        solve_seconds=found["solve_seconds"],
        note=found["bound_note"],
    )


def with_trajectory(record: Record, points: list[Point]) -> Record:
    """The solver's own events, and the end of the run."""
    if record.solve_seconds is not None:
        points = [*points, Point(record.solve_seconds, record.objective, record.bound)]
    return replace(record, trajectory=records.thinned(records.best_so_far(points)))


def checked(record: Record, made: Made, out: Path, caseload: Caseload) -> Record:
    """Whatever a solver says: what counts is what `caseload check` finds in the files."""
    ended = caseload.ended("check", *made.check_arguments(), "--result", str(out))
    (out / "check.txt").write_text(ended.stdout + ended.stderr, encoding="utf-8")
    if ended.returncode < 0:
        reason = f"`caseload check` was ended by signal {-ended.returncode}: see --recheck"
        return replace(record, state=records.FAILED, reason=reason)
    if ended.returncode != 0:
        lines = [line.strip() for line in (ended.stdout + ended.stderr).splitlines() if line.strip()]
        reason = f"`caseload check`: {without_folders(' '.join(lines[:2]))[:200]}"
        return replace(record, state=records.WRONG, reason=reason)
    objective, waiting_count = read_check(ended.stdout)
    if objective is None:
        return replace(record, state=records.WRONG, reason="`caseload check` tells no objective")
    if record.objective is not None and record.objective != objective:
        reason = f"it claims an objective of {record.objective:,}, and `caseload check` finds {objective:,}"
        return replace(record, state=records.WRONG, reason=reason, objective=objective)
    if record.kind == "gap" and waiting_count:
        reason = f"{waiting_count} jobs have no agent: no answer to this problem"
        return replace(record, state=records.NO_ANSWER, reason=reason, objective=None, waiting_count=waiting_count)
    return replace(record, state=records.ANSWERED, objective=objective, waiting_count=waiting_count)


def read_check(text: str) -> tuple[int | None, int | None]:
    """Objective and waiting cases, in what `caseload check` prints."""
    objective = re.search(r"^objective (-?[\d,]+)", text, re.MULTILINE | re.IGNORECASE)
    waiting = re.search(r"([\d,]+) waiting", text)
    return (
        int(objective[1].replace(",", "")) if objective else None,
        int(waiting[1].replace(",", "")) if waiting else None,
    )
