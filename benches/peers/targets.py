"""The targets, and what the runs say of each: pass, miss, or not run. A miss is reported, not hidden."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peers.gap_file import BestKnown
from peers.instances import Instance
from peers.records import ANSWERED, Record, gap

PASS, MISS, NOT_RUN = "pass", "miss", "not run"

LIMIT = 60.0
"""The time limit of the targets that state none of their own."""

MIP_PEERS = ("highs", "cpsat", "scip")

OR_LIBRARY_C = ("c05100", "c05200", "c10100", "c10200", "c20100", "c20200")

LP_QUALITY = 1e-4
"""A bound is of LP quality when it is so near, as a ratio, to the best bound that is known of the instance."""

Records = Mapping[tuple[str, str, float], Record]


@dataclass(frozen=True)
class Target:
    """What was wanted, and what was found."""

    subject: str
    wanted: str
    found: str
    state: str


def percent(ratio: float) -> str:
    return f"{ratio * 100:.4f} %"


def in_time(record: Record) -> bool:
    """Five per cent and a tenth of a second are let pass: a clock stops a search between two of its steps."""
    return record.solve_seconds is not None and record.solve_seconds <= record.time_limit * 1.05 + 0.1


def reached_after(record: Record, most: float) -> float | None:
    """The first second at which the run's own answer and bound were so near each other, if it told of it."""
    known = ((point.seconds, gap(point.objective, point.bound)) for point in record.trajectory)
    return next((seconds for seconds, ratio in known if ratio is not None and ratio <= most), None)


def gap_target(runs: Records, subject: str, instance: str, seconds: float, most: float) -> Target:
    """A proven gap after so many seconds."""
    wanted = f"proven gap <= {most * 100:g} % in {seconds:g} s"
    record = runs.get((instance, "caseload", seconds))
    if record is None or record.state == "skipped":
        return Target(subject, wanted, "", NOT_RUN)
    if record.state != ANSWERED or record.own_gap is None or record.solve_seconds is None:
        return Target(subject, wanted, f"{record.state}: {record.reason or 'no reason told'}", MISS)
    found = f"{percent(record.own_gap)} in {record.solve_seconds:.2f} s"
    if record.wall_seconds is not None:
        found += f" (with reading and writing {record.wall_seconds:.2f} s)"
    reached = reached_after(record, most)
    if reached is not None and reached < record.solve_seconds:
        found += f", reached after {reached:.2f} s"
    is_reached = reached is not None and reached <= seconds
    return Target(subject, wanted, found, PASS if is_reached or (in_time(record) and record.own_gap <= most) else MISS)


def memory_target(runs: Records, subject: str, instance: str, most_megabytes: float) -> Target:
    """The largest of all runs of caseload on the instance."""
    wanted = f"peak memory < {most_megabytes:g} MB"
    peaks = [
        record.peak_memory_bytes
        for record in runs.values()
        if record.instance == instance and record.solver == "caseload" and record.peak_memory_bytes
    ]
    if not peaks:
        return Target(subject, wanted, "", NOT_RUN)
    return Target(subject, wanted, f"{max(peaks) / 1e6:.0f} MB", PASS if max(peaks) < most_megabytes * 1e6 else MISS)


def casework_targets(runs: Records) -> Iterable[Target]:
    for tightness, early, late in (("tight", 0.001, 0.0002), ("short", 0.0018, 0.0007)):
        subject, instance = f"12,000 x 150, {tightness}", f"casework-12000x150-{tightness}"
        yield gap_target(runs, subject, instance, 2.0, early)
        yield gap_target(runs, subject, instance, LIMIT, late)
        yield memory_target(runs, subject, instance, 200)
    for tightness in ("tight", "short"):
        subject, instance = f"50,000 x 500, {tightness}", f"casework-50000x500-{tightness}"
        yield gap_target(runs, subject, instance, 8.0, 0.001)
        yield gap_target(runs, subject, instance, LIMIT, 0.00025)
        yield memory_target(runs, subject, instance, 400)


def read_engine_results(path: Path) -> list[dict[str, Any]]:
    """Lines {"instance" (or "name"), "seconds", "objective", "bound", "peak_memory_bytes"}; others are let pass.

    Objects of `caseload bench --json` and lines of its `--trace` are such lines; an object also tells when it came to what.
    """
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        if text.strip():
            found = json.loads(text)
            if isinstance(found, dict):
                lines += [found, *earlier_points(found)]
    return lines


def earlier_points(found: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """What an object of `caseload bench` tells of the time before its end, as lines: no better than it was."""
    instance, bound = found.get("instance"), found.get("price_bound")
    if found.get("lp_bound_seconds") is not None and bound is not None:
        # Within 0.001 % of the last price bound: a whole number that is no larger than it was then.
        seconds, then = found["lp_bound_seconds"], bound - bound // 100_000 - 1
        yield {"instance": instance, "seconds": seconds, "bound": then}
    objective, seconds = found.get("objective"), found.get("gap_0_1_percent_seconds")
    if seconds is not None and objective is not None:
        # 0.1 % below the last answer: the answer was no better then, so the bound was no lower.
        yield {"instance": instance, "seconds": seconds, "objective": objective, "bound": -(-objective * 999 // 1000)}


@dataclass(frozen=True)
class EngineSize:
    """An instance that `caseload bench` runs, and what is wanted of it."""

    subject: str
    words: str
    """A pattern for its name."""
    behind: float
    """How far the bound may be, as a ratio, from the best that is known, and after how many seconds."""
    bound_seconds: float
    gap: float
    seconds: float
    gigabytes: float

    def bound_wanted(self) -> str:
        quality = "of LP quality (" if self.behind <= LP_QUALITY else "("
        return f"a bound {quality}within {self.behind * 100:g} % of the best known) in {self.bound_seconds:g} s"


ENGINE_SIZES = (
    EngineSize("650,000 x 5,000", r"650000|650k", LP_QUALITY, 40, 0.001, 90, 2.5),
    # England in one pool, not in 153.
    EngineSize("England, 690,000 x 4,600", r"england(?!-153)|690000", LP_QUALITY, 40, 0.001, 90, 2.5),
    EngineSize("10,000,000 x 50,000", r"10000000|10m", 0.005, 900, 0.01, 900, 8),
)


def engine_targets(lines: list[dict[str, Any]] | None) -> Iterable[Target]:
    """The largest, which `caseload bench` runs."""
    for size in ENGINE_SIZES:
        mine = [
            line
            for line in lines or []
            if re.search(size.words, str(line.get("instance") or line.get("name") or "").lower())
            and isinstance(line.get("seconds"), int | float)
        ]
        bounds = [line["bound"] for line in mine if line.get("bound") is not None]
        early = [
            line["bound"] for line in mine if line.get("bound") is not None and line["seconds"] <= size.bound_seconds
        ]
        wanted = size.bound_wanted()
        if not bounds:
            yield Target(size.subject, wanted, "", NOT_RUN)
        elif not early:
            yield Target(size.subject, wanted, "no bound by then", MISS)
        else:
            behind = gap(max(bounds), max(early)) or 0.0
            yield Target(size.subject, wanted, f"{percent(behind)} behind", PASS if behind <= size.behind else MISS)
        wanted = f"proven gap <= {size.gap * 100:g} % in {size.seconds:g} s"
        gaps = [gap(line.get("objective"), line.get("bound")) for line in mine if line["seconds"] <= size.seconds]
        known = [found for found in gaps if found is not None]
        if not mine:
            yield Target(size.subject, wanted, "", NOT_RUN)
        elif not known:
            yield Target(size.subject, wanted, "no answer with a bound by then", MISS)
        else:
            found = percent(min(known))
            last = max(mine, key=lambda line: line["seconds"])
            in_the_end = gap(last.get("objective"), last.get("bound"))
            if in_the_end is not None and in_the_end < min(known):
                found += f" by then, {percent(in_the_end)} after {last['seconds']:.1f} s"
            yield Target(size.subject, wanted, found, PASS if min(known) <= size.gap else MISS)
        peaks = [line["peak_memory_bytes"] for line in mine if line.get("peak_memory_bytes")]
        wanted = f"peak memory < {size.gigabytes:g} GB"
        if not peaks:
            yield Target(size.subject, wanted, "", NOT_RUN)
        else:
            state = PASS if max(peaks) < size.gigabytes * 1e9 else MISS
            yield Target(size.subject, wanted, f"{max(peaks) / 1e9:.2f} GB", state)


def unit_targets(runs: Records) -> Iterable[Target]:
    wanted = "as cheap as min-cost flow, and faster"
    for cases, officers in ((1_000, 20), (12_000, 150), (50_000, 500), (650_000, 5_000)):
        subject, instance = f"every case weighs 1, {cases:,} x {officers:,}", f"unit-{cases}x{officers}"
        mine, flow = (runs.get((instance, solver, LIMIT)) for solver in ("caseload", "flow"))
        if mine is None or flow is None or flow.state != ANSWERED or mine.state == "skipped":
            why = f"min-cost flow: {flow.state}" if flow is not None and flow.state != ANSWERED else ""
            yield Target(subject, wanted, why, NOT_RUN)
        elif mine.state != ANSWERED or mine.objective is None or flow.objective is None:
            yield Target(subject, wanted, f"{mine.state}: {mine.reason or 'no reason told'}", MISS)
        else:
            above = mine.objective - flow.objective
            seconds = f"{mine.solve_seconds or 0:.3f} s against {flow.solve_seconds or 0:.3f} s"
            seconds += f" (whole processes {mine.wall_seconds or 0:.2f} s and {flow.wall_seconds or 0:.2f} s)"
            is_equal, is_faster = above == 0, (mine.solve_seconds or 0) < (flow.solve_seconds or 0)
            found = f"{'as cheap' if is_equal else f'dearer by {above:,}'}, {seconds}"
            yield Target(subject, wanted, found, PASS if is_equal and is_faster else MISS)


def small_targets(runs: Records) -> Iterable[Target]:
    wanted = "proved optimal, faster than HiGHS alone"
    for tightness in ("tight", "short"):
        subject, instance = f"1,000 x 20, {tightness}", f"casework-1000x20-{tightness}"
        mine, highs = (runs.get((instance, solver, LIMIT)) for solver in ("caseload", "highs"))
        if mine is None or highs is None or "skipped" in (mine.state, highs.state):
            yield Target(subject, wanted, "", NOT_RUN)
            continue
        proved = f"proved in {mine.solve_seconds:.2f} s" if mine.is_optimal else "not proved"
        theirs = f"in {highs.solve_seconds:.2f} s" if highs.is_optimal else f"not within {LIMIT:g} s"
        is_faster = not highs.is_optimal or (mine.solve_seconds or 0) < (highs.solve_seconds or 0)
        yield Target(subject, wanted, f"{proved}; HiGHS {theirs}", PASS if mine.is_optimal and is_faster else MISS)


def state_of(failed: list[str], run: int, expected: int) -> str:
    """One that failed is a miss, however many were run."""
    if failed:
        return MISS
    return PASS if run == expected and expected else NOT_RUN


def listed(names: list[str]) -> str:
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def published_targets(
    runs: Records, instances: list[Instance], best_known: Mapping[str, BestKnown]
) -> Iterable[Target]:
    published = [instance for instance in instances if instance.kind == "gap"]

    def run_of(instance: Instance, solver: str) -> Record | None:
        record = runs.get((instance.name, solver, LIMIT))
        return None if record is None or record.state == "skipped" else record

    subject = f"published instances, {LIMIT:g} s each"
    wanted = "at or below the best of HiGHS, CP-SAT and SCIP on every instance"
    run, worse = 0, []
    for instance in published:
        mine = run_of(instance, "caseload")
        peers = [run_of(instance, solver) for solver in MIP_PEERS]
        if mine is None or None in peers:
            continue
        run += 1
        theirs = [peer.objective for peer in peers if peer and peer.state == ANSWERED and peer.objective is not None]
        if theirs and (mine.state != ANSWERED or mine.objective is None or mine.objective > min(theirs)):
            worse.append(instance.name)
    found = f"{run - len(worse)} of {run} run ({len(published)} in all)" if run else ""
    found += f"; worse on {listed(worse)}" if worse else ""
    yield Target(subject, wanted, found, state_of(worse, run, len(published)))

    wanted = "types A, B, C (of the OR-Library) and gap1 to gap12 proved optimal"
    easy = [i for i in published if i.gap_class in ("a", "b", "gap") or i.name in OR_LIBRARY_C]
    runs_of = [(instance, run_of(instance, "caseload")) for instance in easy]
    done = [(instance, record) for instance, record in runs_of if record is not None]
    unproved = [instance.name for instance, record in done if not record.is_optimal]
    found = f"{len(done) - len(unproved)} of {len(done)} run ({len(easy)} in all)" if done else ""
    found += f"; not proved: {listed(unproved)}" if unproved else ""
    yield Target(subject, wanted, found, state_of(unproved, len(done), len(easy)))

    wanted = "mean gap to best known <= 0.05 % on types D and E"
    hard = [instance for instance in published if instance.gap_class in ("d", "e") and instance.name in best_known]
    gaps, none = [], []
    for instance in hard:
        record = run_of(instance, "caseload")
        if record is None:
            continue
        if record.state != ANSWERED or record.objective is None:
            none.append(instance.name)
        else:
            gaps.append(to_best_known(record.objective, best_known[instance.name]))
    mean = sum(gaps) / len(gaps) if gaps else None
    found = f"{percent(mean)} over {len(gaps)} of {len(hard)}" if mean is not None else ""
    found += f"; no answer on {listed(none)}" if none else ""
    run = len(gaps) + len(none)
    # The mean of a part decides nothing.
    if run < len(hard) or not hard:
        yield Target(subject, wanted, found, NOT_RUN)
    else:
        yield Target(subject, wanted, found, PASS if not none and mean is not None and mean <= 0.0005 else MISS)


def to_best_known(objective: int, best_known: BestKnown) -> float:
    """As a ratio of the best known value."""
    return (objective - best_known.value) / best_known.value


def evaluate(
    runs: Records,
    instances: list[Instance],
    best_known: Mapping[str, BestKnown],
    engine_lines: list[dict[str, Any]] | None,
) -> list[Target]:
    """All targets, in the order in which they are reported."""
    return [
        *small_targets(runs),
        *casework_targets(runs),
        *engine_targets(engine_lines),
        *unit_targets(runs),
        *published_targets(runs, instances, best_known),
    ]
