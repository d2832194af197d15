"""The report: targets, tables, and that it says where caseload loses."""

import json
import tempfile
import unittest
from pathlib import Path

from peers import plot, records, targets
from peers.gap_file import BestKnown
from peers.instances import Instance, casework
from peers.records import Point, Record
from peers.report import Input, Report, table
from peers.targets import MISS, NOT_RUN, PASS, Target
from peers.test_runs import record

GAP = [Instance("d05100", "gap", True, 100, 5), Instance("e05100", "gap", True, 100, 5)]
KNOWN = {"d05100": BestKnown(6353, True, 6353), "e05100": BestKnown(12681, True, 12681)}


def keyed(*runs: Record) -> dict[tuple[str, str, float], Record]:
    return {run.key: run for run in runs}


def casework_run(**fields: object) -> Record:
    given = {"instance": "casework-12000x150-tight", "kind": "casework", "cases": 12_000, "officers": 150}
    return record(**{**given, "solver": "caseload", "solve_seconds": 60.0, "wall_seconds": 61.0, **fields})


def find(found: list[Target], subject: str, words: str) -> Target:
    return next(target for target in found if target.subject.startswith(subject) and words in target.wanted)


class Targets(unittest.TestCase):
    def evaluate(self, *runs: Record, lines: list[dict[str, object]] | None = None) -> list[Target]:
        return targets.evaluate(keyed(*runs), GAP, KNOWN, lines)

    def test_nothing_run(self) -> None:
        self.assertEqual({target.state for target in self.evaluate()}, {NOT_RUN})

    def test_gap_in_time(self) -> None:
        for objective, solve_seconds, trajectory, state in [
            (100_100, 2.0, [], PASS),
            (100_100, 2.5, [], MISS),
            (100_100, 2.5, [Point(1.9, 100_090, 100_000)], PASS),
            (100_200, 2.0, [], MISS),
        ]:
            run = casework_run(
                time_limit=2.0, objective=objective, bound=100_000, solve_seconds=solve_seconds, trajectory=trajectory
            )
            found = find(self.evaluate(run), "12,000 x 150, tight", "in 2 s")
            self.assertEqual(found.state, state, found)
        wrong = casework_run(time_limit=2.0, state=records.WRONG, reason="a cap is broken")
        found = find(self.evaluate(wrong), "12,000 x 150, tight", "in 2 s")
        self.assertEqual((found.state, found.found), (MISS, "wrong answer: a cap is broken"))

    def test_memory_is_that_of_the_largest_run(self) -> None:
        runs = [
            casework_run(peak_memory_bytes=190_000_000),
            casework_run(time_limit=2.0, peak_memory_bytes=210_000_000),
        ]
        self.assertEqual(find(self.evaluate(*runs), "12,000 x 150, tight", "memory").state, MISS)
        self.assertEqual(find(self.evaluate(runs[0]), "12,000 x 150, tight", "memory").state, PASS)

    def test_small(self) -> None:
        mine = casework_run(instance="casework-1000x20-tight", objective=9, bound=9, solve_seconds=1.0)
        for bound, solve_seconds, state in [(9, 2.0, PASS), (9, 0.5, MISS), (8, 60.0, PASS)]:
            highs = casework_run(
                instance="casework-1000x20-tight", solver="highs", objective=9, bound=bound, solve_seconds=solve_seconds
            )
            self.assertEqual(find(self.evaluate(mine, highs), "1,000 x 20, tight", "HiGHS").state, state)

    def test_unit(self) -> None:
        flow = casework_run(
            instance="unit-1000x20", kind="unit", solver="flow", objective=9, bound=9, solve_seconds=1.0
        )
        for objective, solve_seconds, state in [(9, 0.5, PASS), (9, 1.5, MISS), (10, 0.5, MISS)]:
            mine = casework_run(instance="unit-1000x20", kind="unit", objective=objective, solve_seconds=solve_seconds)
            self.assertEqual(find(self.evaluate(mine, flow), "every case weighs 1, 1,000", "").state, state)
        self.assertEqual(find(self.evaluate(mine), "every case weighs 1, 1,000", "").state, NOT_RUN)

    def published(self, mine: int, theirs: int, names: tuple[str, ...] = ("d05100", "e05100")) -> list[Target]:
        runs = [
            record(instance=name, solver=solver, objective=theirs) for name in names for solver in targets.MIP_PEERS
        ]
        return self.evaluate(*runs, *(record(instance=name, solver="caseload", objective=mine) for name in names))

    def test_published(self) -> None:
        self.assertEqual(find(self.published(6353, 6353), "published", "best of HiGHS").state, PASS)
        self.assertEqual(find(self.published(6353, 6353, ("d05100",)), "published", "best of HiGHS").state, NOT_RUN)
        missed = find(self.published(6354, 6353, ("d05100",)), "published", "best of HiGHS")
        self.assertEqual((missed.state, "worse on d05100" in missed.found), (MISS, True))

    def test_mean_gap(self) -> None:
        runs = [record(instance=name, solver="caseload", objective=KNOWN[name].value) for name in KNOWN]
        self.assertEqual(find(self.evaluate(*runs), "published", "mean gap").state, PASS)
        self.assertEqual(find(self.evaluate(runs[0]), "published", "mean gap").state, NOT_RUN)
        without = record(instance="e05100", solver="caseload", state=records.NO_ANSWER)
        self.assertEqual(find(self.evaluate(runs[0], without), "published", "mean gap").state, MISS)

    def test_engine(self) -> None:
        lines = [
            {"instance": "casework 650000x5000", "seconds": 39.0, "objective": None, "bound": 99_995},
            {"instance": "casework 650000x5000", "seconds": 89.0, "objective": 100_090, "bound": 100_000},
            {"instance": "casework 650000x5000", "seconds": 89.0, "peak_memory_bytes": 2_600_000_000},
            {"instance": "10m-r110-s1", "seconds": 899.0, "objective": 1_009, "bound": 1_000},
            {"instance": "10m-r110-s1", "seconds": 901.0, "objective": 1_009, "bound": 1_006},
            {"instance": "10m-r110-s1", "seconds": 901.0, "peak_memory_bytes": 7_900_000_000},
        ]
        found = self.evaluate(lines=lines)
        self.assertEqual(find(found, "650,000", "LP quality").state, PASS)
        self.assertEqual(find(found, "650,000", "0.1 %").state, PASS)
        self.assertEqual(find(found, "650,000", "memory").state, MISS)
        self.assertEqual(find(found, "England", "memory").state, NOT_RUN)
        self.assertEqual(find(found, "10,000,000", "a bound (within 0.5 %").state, MISS)
        self.assertEqual(find(found, "10,000,000", "gap <= 1 % in 900 s").state, PASS)
        self.assertEqual(find(found, "10,000,000", "memory < 8 GB").state, PASS)

    def test_engine_results(self) -> None:
        line = {
            "instance": "650k-r110-s1",
            "seconds": 91.0,
            "lp_bound_seconds": 39.0,
            "gap_0_1_percent_seconds": 89.0,
            "objective": 1_000_500,
            "bound": 1_000_000,
            "price_bound": 1_000_000,
            "peak_memory_bytes": 2_400_000_000,
        }
        pools = {**line, "instance": "england-153-r110-s1"}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "results.jsonl"
            path.write_text(f"{json.dumps(line)}\n{json.dumps(pools)}\n", encoding="utf-8")
            found = self.evaluate(lines=targets.read_engine_results(path))
        for words in ("LP quality", "0.1 %", "memory"):
            self.assertEqual(find(found, "650,000", words).state, PASS)
            self.assertEqual(find(found, "England", words).state, NOT_RUN)
        # What came after the limit is told, and does not count.
        self.assertEqual(find(found, "650,000", "0.1 %").found, "0.1000 % by then, 0.0500 % after 91.0 s")


class Reports(unittest.TestCase):
    def text(self, *runs: Record) -> str:
        instances = [casework(12_000, 150, "tight", is_required=True), *GAP]
        return Report(Input(keyed(*runs), instances, KNOWN, None, 60.0)).text()

    def test_nothing_run(self) -> None:
        self.assertIn("Nothing has been run yet.", self.text())

    def test_losses_are_told(self) -> None:
        text = self.text(
            record(solver="caseload", objective=6360, bound=6340, solve_seconds=60.0, peak_memory_bytes=2),
            record(solver="highs", objective=6353, bound=6353, solve_seconds=9.0, peak_memory_bytes=1),
        )
        self.assertIn("**A better answer**: \n- HiGHS: d05100 (by 0.1102 %)", text)
        self.assertIn("**Proved optimal where `caseload` did not**: \n- HiGHS: d05100", text)
        self.assertIn("- HiGHS: d05100 (by 0.2046 %)", text)
        self.assertIn("less memory**: \n- HiGHS: d05100", text)
        self.assertIn("| d05100 6,353* | HiGHS | 9.00 |  | 6,353 | 6,353 | 0 | 0 | 0 | proved optimal |", text)

    def test_gap_to_the_best_bound_of_any(self) -> None:
        text = self.text(
            casework_run(objective=1000, bound=990),
            casework_run(solver="pdlp", state=records.BOUND_ONLY, bound=999),
            casework_run(solver="timefold", objective=1250, bound=None),
        )
        self.assertIn("casework-12000x150-tight: best bound 999", text)
        self.assertIn("| 1,000 | 990 | 1.0000 | 0.1000 |", text)
        self.assertIn("| 1,250 |  |  | 20.1 |", text)

    def test_wrong_answers_do_not_count(self) -> None:
        text = self.text(record(solver="scip", state=records.WRONG, reason="a cap is broken", objective=1, bound=6360))
        self.assertIn("**wrong answer**: a cap is broken", text)
        self.assertIn("| type D (1) | none; 0 of 1; 0 proved |", text)

    def test_contradictions_are_told(self) -> None:
        text = self.text(record(objective=6353, bound=6353), record(solver="scip", objective=6400, bound=6390))
        self.assertIn("SCIP on d05100: its bound 6,390 is above a checked answer of 6,353", text)

    def test_skips_are_told(self) -> None:
        text = self.text(record(solver="scip", state=records.SKIPPED, reason="too large"))
        self.assertIn("- SCIP on d05100: too large", text)

    def test_table(self) -> None:
        lines = table(["a", ">b"], [["x|y", "1"]])
        self.assertEqual(lines, ["| a | b |", "| --- | ---: |", "| x/y | 1 |"])

    def test_picture(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "gap.svg"
            self.assertFalse(plot.draw([], GAP, KNOWN, path))
            points = [Point(0.5, 7000, None), Point(1.0, 6400, 6000), Point(60.0, 6353, 6353)]
            runs = [
                record(objective=6353, bound=6353, trajectory=points),
                record(solver="scip", state=records.NO_ANSWER),
            ]
            self.assertTrue(plot.draw(runs, GAP, KNOWN, path))
            drawn = path.read_text(encoding="utf-8")
            self.assertIn("no answer in time: SCIP", drawn)
            plot.draw(runs, GAP, KNOWN, path)
            self.assertEqual(path.read_text(encoding="utf-8"), drawn)
