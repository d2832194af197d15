"""RESULTS.md: what was measured, for a reader who knows operations research."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from peers import records, targets
from peers.child import GRACE_SECONDS
from peers.gap_file import BestKnown
from peers.instances import Instance, natural
from peers.records import Record, gap
from peers.solvers import BY_NAME, SOLVERS
from peers.targets import Target, evaluate, to_best_known

ORDER = {solver.name: position for position, solver in enumerate(SOLVERS)}


@dataclass(frozen=True)
class Input:
    """All that a report is made from."""

    runs: Mapping[tuple[str, str, float], Record]
    instances: list[Instance]
    best_known: Mapping[str, BestKnown]
    engine_lines: list[dict[str, Any]] | None
    time_limit: float
    note: str | None = None
    """Whatever a reader must know of how it was run, and the records do not tell."""


def table(header: list[str], rows: Iterable[list[str]]) -> list[str]:
    """A table in Markdown; columns after the first that hold numbers are set flush right by their header's `>`."""
    titles = [title.removeprefix(">") for title in header]
    rules = ["---:" if title.startswith(">") else "---" for title in header]
    cells = [titles, rules, *([cell.replace("|", "/") for cell in row] for row in rows)]
    return ["| " + " | ".join(row) + " |" for row in cells]


def percent(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return "0" if ratio == 0 else f"{ratio * 100:.4f}" if abs(ratio) < 0.1 else f"{ratio * 100:.1f}"


def seconds(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}" if number >= 1 else f"{number:.3f}"


def count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def megabytes(number: int | None) -> str:
    return "" if number is None else f"{number / 1e6:,.0f}"


def title(solver: str) -> str:
    return BY_NAME[solver].title if solver in BY_NAME else solver


def is_answer(record: Record | None) -> bool:
    return record is not None and record.state == records.ANSWERED and record.objective is not None


class Report:
    """Built section by section."""

    def __init__(self, given: Input) -> None:
        self.given = given
        self.all = sorted(
            given.runs.values(), key=lambda run: (natural(run.instance), ORDER.get(run.solver, 99), run.time_limit)
        )
        self.tried = [run for run in self.all if run.state != records.SKIPPED]
        self.order = {instance.name: position for position, instance in enumerate(given.instances)}
        self.targets = evaluate(given.runs, given.instances, given.best_known, given.engine_lines)

    def text(self) -> str:
        sections = [
            self.head(),
            self.target_section(),
            self.losses(),
            self.casework(),
            self.published(),
            self.not_run(),
            self.how(),
        ]
        return "\n\n".join("\n".join(section) for section in sections if section) + "\n"

    def run_of(self, instance: str, solver: str) -> Record | None:
        """At the main time limit, and tried."""
        run = self.given.runs.get((instance, solver, self.given.time_limit))
        return None if run is None or run.state == records.SKIPPED else run

    def names(self, kind: str) -> list[str]:
        """Instances of a kind with a run, in their order."""
        found = {run.instance for run in self.tried if run.kind == kind}
        return sorted(found, key=lambda name: (self.order.get(name, len(self.order)), natural(name)))

    def best_bound(self, instance: str) -> int | None:
        """Of any solver, in any time. Whose answer was wrong is not trusted with a bound either."""
        mine = [run for run in self.tried if run.instance == instance and run.state != records.WRONG]
        return max((run.bound for run in mine if run.bound is not None), default=None)

    def gap_to_best(self, run: Record) -> float | None:
        """To the best known value of a published instance, to the best bound of any solver otherwise."""
        if not is_answer(run) or run.objective is None:
            return None
        if run.kind == "gap":
            known = self.given.best_known.get(run.instance)
            return None if known is None else to_best_known(run.objective, known)
        return gap(run.objective, self.best_bound(run.instance))

    def head(self) -> list[str]:
        lines = [
            "# `caseload` and other solvers, side by side",
            "",
            "Written by `make bench-peers` from its results file; not edited by hand. Every answer was checked by"
            " `caseload check`, which recomputes objective, caps and proof from the files alone.",
            "",
        ]
        if not self.tried:
            return [*lines, "Nothing has been run yet."]
        dates = sorted({run.date for run in self.tried if run.date})
        machines = sorted({describe(run.machine) for run in self.tried})
        lines += [f"- **Date**: {dates[0]}" + (f" to {dates[-1]}" if len(dates) > 1 else "")]
        lines += [f"- **Machine**: {name}" for name in machines]
        if len(machines) > 1:
            lines.append("- Runs on different machines are mixed here: do not compare their times.")
        busy = [run for run in self.tried if run.load_before is not None]
        if busy:
            highest = max(run.load_before or 0.0 for run in busy)
            lines.append(
                f"- **Other work**: load average before a run at most {highest:.1f} (it includes the run before)."
            )
        if self.given.note:
            lines.append(f"- **Note**: {self.given.note}")
        for solver in SOLVERS:
            mine = [run for run in self.tried if run.solver == solver.name]
            versions = sorted({run.version for run in mine if run.version})
            if mine:
                lines.append(f"- **{solver.title}** {', '.join(versions) or '(version not told)'}: {solver.modelled}")
                if len(versions) > 1:
                    lines.append("  (several builds are mixed: run with `--again` for figures of one)")
        return lines

    def target_section(self) -> list[str]:
        passed, missed, not_run = (
            sum(target.state == state for target in self.targets)
            for state in (targets.PASS, targets.MISS, targets.NOT_RUN)
        )
        return [
            "## Targets",
            "",
            f"{passed} passed, {missed} missed, {not_run} not run. Gaps are proven by the run itself. Seconds are"
            " those of the search; 5 % and 0.1 s beyond a limit are let pass. The largest three come from"
            " `caseload bench`.",
            "",
            *table(["", "wanted", "found", "state"], [row(target) for target in self.targets]),
        ]

    def losses(self) -> list[str]:
        """What a reader would otherwise have to look for."""
        answers: dict[str, list[str]] = {}
        proofs: dict[str, list[str]] = {}
        bounds: dict[str, list[str]] = {}
        slower: dict[str, list[str]] = {}
        memory: dict[str, list[str]] = {}
        compared = 0
        for kind in ("casework", "unit", "gap"):
            for name in self.names(kind):
                mine = self.run_of(name, "caseload")
                if mine is None:
                    continue
                for solver in SOLVERS[1:]:
                    peer = self.run_of(name, solver.name)
                    if peer is None or peer.state == records.WRONG:
                        continue
                    compared += 1
                    if is_answer(peer):
                        self.compare(mine, peer, answers, proofs, slower, memory)
                    if peer.bound is not None and (mine.bound is None or peer.bound > mine.bound):
                        behind = gap(peer.bound, mine.bound)
                        bounds.setdefault(solver.title, []).append(
                            f"{name} (by {percent(behind)} %)" if behind else name
                        )
        if not compared:
            return []
        lines = ["## Where `caseload` loses", "", f"At the same time limit of {self.given.time_limit:g} s."]
        kinds = [
            ("A better answer", answers),
            ("Proved optimal where `caseload` did not", proofs),
            ("A better bound", bounds),
            ("Both proved it, but `caseload` took longer", slower),
            ("An answer at least as good with less memory", memory),
        ]
        for words, found in kinds:
            lines += ["", f"**{words}**: " + ("nobody, nowhere." if not found else "")]
            lines += [f"- {solver}: {', '.join(names)}" for solver, names in found.items()]
        return lines

    def compare(
        self,
        mine: Record,
        peer: Record,
        answers: dict[str, list[str]],
        proofs: dict[str, list[str]],
        slower: dict[str, list[str]],
        memory: dict[str, list[str]],
    ) -> None:
        """Sorts one comparison of two runs that gave answers, or of one that did."""
        name, solver = mine.instance, title(peer.solver)
        assert peer.objective is not None
        if not is_answer(mine) or mine.objective is None:
            answers.setdefault(solver, []).append(f"{name} (`caseload`: {mine.state})")
            return
        if peer.objective < mine.objective:
            by = (mine.objective - peer.objective) / max(1, abs(peer.objective))
            answers.setdefault(solver, []).append(f"{name} (by {percent(by)} %)")
        if peer.is_optimal and not mine.is_optimal:
            proofs.setdefault(solver, []).append(name)
        if peer.is_optimal and mine.is_optimal and (mine.solve_seconds or 0) > (peer.solve_seconds or 0):
            times = f"{seconds(mine.solve_seconds)} against {seconds(peer.solve_seconds)} s"
            slower.setdefault(solver, []).append(f"{name} ({times})")
        if peer.objective <= mine.objective and (peer.peak_memory_bytes or 0) < (mine.peak_memory_bytes or 0):
            memory.setdefault(solver, []).append(name)

    def rows(self, name: str) -> Iterable[list[str]]:
        for run in self.tried:
            if run.instance != name:
                continue
            is_main = run.time_limit == self.given.time_limit
            yield [
                title(run.solver) + ("" if is_main else f" ({run.time_limit:g} s)"),
                seconds(run.solve_seconds),
                seconds(run.wall_seconds),
                count(run.objective) if is_answer(run) else "",
                count(run.bound),
                percent(run.own_gap) if is_answer(run) else "",
                percent(self.gap_to_best(run)),
                megabytes(run.peak_memory_bytes),
                ending(run),
            ]

    HEADER = [">search s", ">whole s", ">objective", ">bound", ">own gap %"]

    def casework(self) -> list[str]:
        lines = []
        sections = [
            (
                "casework",
                "Casework",
                "Sparse eligible pairs with prices; officers with caps on points and on cases; a case may wait at a"
                " price. Tight: the points caps add up to 110 % of what is needed; short: 95 %.",
            ),
            (
                "unit",
                "Every case weighs 1",
                "The same, but every weight is 1, nobody has an officer yet, and the caps add up to 110 % of the cases:"
                " a min-cost flow.",
            ),
        ]
        for kind, heading, words in sections:
            names = self.names(kind)
            if not names:
                continue
            lines += ["", f"## {heading}", "", words]
            for name in names:
                best = self.best_bound(name)
                lines += ["", f"### {name}" + ("" if best is None else f": best bound {best:,}"), ""]
                header = ["solver", *self.HEADER, ">gap to best bound %", ">peak MB", "how it ended"]
                lines += table(header, self.rows(name))
        if lines and self.has_trajectories():
            picture = "![Gap over time of every solver, on both axes logarithmic](gap-over-time.svg)"
            lines = ["", "## Gap over time", "", picture, *lines]
        return lines[1:]

    def has_trajectories(self) -> bool:
        return any(run.trajectory for run in self.tried if run.kind == "casework")

    def published(self) -> list[str]:
        names = self.names("gap")
        if not names:
            return []
        solvers = [s.name for s in SOLVERS if any(run.solver == s.name for run in self.tried if run.kind == "gap")]
        lines = [
            "## Published instances (GAP)",
            "",
            f"Minimised, {self.given.time_limit:g} s each. First, by type: the mean gap to the best known value over"
            " the instances that a solver answered, how many it answered, and how many it proved optimal.",
            "",
        ]
        classes: dict[str, list[str]] = {}
        for name in names:
            classes.setdefault("gap1 to gap12" if name.startswith("gap") else f"type {name[0].upper()}", []).append(
                name
            )
        lines += table(
            ["", *(">" + title(solver) for solver in solvers)],
            (
                [f"{kind} ({len(members)})", *(self.summary(members, solver) for solver in solvers)]
                for kind, members in sorted(classes.items(), key=lambda entry: entry[0].lower())
            ),
        )
        lines += ["", "All runs. Best known values are proved optimal where marked with `*`."]
        header = ["solver", *self.HEADER, ">gap to best known %", ">peak MB", "how it ended"]
        rows = []
        for name in names:
            known = self.given.best_known.get(name)
            best = "" if known is None else f" {known.value:,}{'*' if known.proved_optimal else ''}"
            rows += [[f"{name}{best}", *cells] for cells in self.rows(name)]
        return [*lines, "", *table(["instance, best known", *header], rows)]

    def summary(self, names: list[str], solver: str) -> str:
        runs = [run for run in (self.run_of(name, solver) for name in names) if run is not None]
        if not runs:
            return ""
        gaps = [found for found in map(self.gap_to_best, runs) if found is not None]
        mean = f"{percent(sum(gaps) / len(gaps))} %" if gaps else "none"
        return f"{mean}; {len(gaps)} of {len(runs)}; {sum(run.is_optimal for run in runs)} proved"

    def not_run(self) -> list[str]:
        reasons: dict[tuple[str, str], list[str]] = {}
        for run in self.all:
            if run.state == records.SKIPPED:
                reasons.setdefault((title(run.solver), run.reason or ""), []).append(run.instance)
        lines = [f"- {solver} on {', '.join(names)}: {reason}" for (solver, reason), names in reasons.items()]
        lines += [f"- {line}" for line in self.contradictions()]
        return ["## Not run, and not as it should be", "", *lines] if lines else []

    def contradictions(self) -> Iterable[str]:
        """A bound above a checked answer: one of the two solvers is wrong, and the answer was checked."""
        for name in sorted({run.instance for run in self.tried}, key=natural):
            answers = [run.objective for run in self.tried if run.instance == name and is_answer(run)]
            least = min((objective for objective in answers if objective is not None), default=None)
            for run in self.tried:
                if run.instance == name and least is not None and run.bound is not None and run.bound > least:
                    who = f"{title(run.solver)} on {name}"
                    yield f"{who}: its bound {run.bound:,} is above a checked answer of {least:,}"

    def how(self) -> list[str]:
        limit = self.given.time_limit
        return [
            "## How it was measured",
            "",
            "- Each solver runs in a process of its own, one at a time, all solvers on one instance before the next"
            f" instance. The time limit is {limit:g} s of search, which begins when the instance is read and the model"
            " built. Whole = the process from its start to its end: reading and writing too. What goes on for"
            f" {GRACE_SECONDS:g} s beyond its limit is killed. A limit beside a solver's name is another limit.",
            "- All peers get the same model, exported by `caseload export mps`. `caseload` itself reads its own files.",
            "- Own gap = (objective - bound) / objective, both of the same run. Bounds are rounded up to whole numbers,"
            " since all prices are whole: for every solver alike. Gap to the best bound = the same with the best bound"
            " of any solver; gap to best known = (objective - best known) / best known.",
            "- A peer's bound is its own claim, in floating point. `caseload`'s is certified by prices that `check`"
            " recomputes in whole numbers, unless the last column says that its HiGHS claims it.",
            "- Peak memory is the largest resident set of the solver's process as the kernel tells it. It includes the"
            " interpreter (Python for HiGHS, OR-Tools and SCIP, about 50 MB; the Java machine for Timefold). A process"
            " begins as a copy of the harness: one that never used more shows the harness's own peak, about 120 MB.",
            "- Single runs. Times under a tenth of a second are mostly starting up.",
        ]


def row(target: Target) -> list[str]:
    return [
        target.subject,
        target.wanted,
        target.found,
        f"**{target.state}**" if target.state == "miss" else target.state,
    ]


def describe(machine: Mapping[str, Any]) -> str:
    if not machine:
        return "not told"
    parts = [f"{machine.get('cores', '?')} cores, {machine.get('processor', 'processor not known')}"]
    if machine.get("memory_gib"):
        parts.append(f"{machine['memory_gib']:g} GiB of memory")
    if machine.get("system"):
        parts.append(str(machine["system"]))
    if machine.get("python"):
        parts.append(f"Python {machine['python']}")
    return ", ".join(parts)


def ending(run: Record) -> str:
    """In one cell."""
    if run.is_optimal:
        words = "proved optimal"
    elif run.state == records.ANSWERED:
        words = (run.status or "answered").lower()
    else:
        words = f"**{run.state}**" + (f": {run.reason}" if run.reason else f" ({(run.status or 'no status').lower()})")
    extra = [run.note] if run.note else []
    if run.waiting_count and is_answer(run):
        extra.append(f"{run.waiting_count:,} wait")
    return "; ".join([words, *extra])
