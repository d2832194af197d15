"""Running and keeping: children, records, instances, and what is run in which order."""

import contextlib
import io
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from peers import child, instances, records
from peers.records import Point, Record, Results
from peers.run import checked, steps
from peers.solvers import BY_NAME, SOLVERS


def record(**fields: object) -> Record:
    given = {"instance": "d05100", "kind": "gap", "cases": 100, "officers": 5, "solver": "highs", "time_limit": 60.0}
    return Record(**{**given, "threads": 2, "state": records.ANSWERED, "date": "2026-01-15", **fields})  # type: ignore[arg-type]


class Children(unittest.TestCase):
    def run_python(self, code: str, *, time_limit: float = 30.0, is_loaded: bool = False) -> child.Ended:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            events = folder / "events.jsonl"
            if is_loaded:
                events.write_text("{}\n")
            command = [sys.executable, "-c", code]
            out, err = folder / "out.txt", folder / "err.txt"
            return child.run(command, time_limit=time_limit, stdout=out, stderr=err, events=events)

    def test_memory(self) -> None:
        small, large = self.run_python("pass"), self.run_python("print(len(b'x' * 300_000_000))")
        self.assertEqual((small.exit_code, large.exit_code), (0, 0))
        self.assertGreater(large.peak_memory_bytes, 300_000_000)
        self.assertLess(small.peak_memory_bytes, large.peak_memory_bytes)

    def test_exit_code(self) -> None:
        self.assertEqual(self.run_python("raise SystemExit(3)").exit_code, 3)

    def test_killed(self) -> None:
        with mock.patch.object(child, "GRACE_SECONDS", 0.5):
            ended = self.run_python("import time; time.sleep(60)", time_limit=0.1, is_loaded=True)
        self.assertEqual(ended.killed_for, "it went on after its time limit")
        self.assertLess(ended.wall_seconds, 30)
        with mock.patch.object(child, "LOAD_SECONDS_MAX", 0.5):
            ended = self.run_python("import time; time.sleep(60)")
        self.assertEqual(ended.killed_for, "it did not finish loading")


class Checks(unittest.TestCase):
    def test_a_check_that_was_ended_says_nothing_of_the_answer(self) -> None:
        made = mock.Mock(check_arguments=lambda: [])
        ends = [
            (-15, "", records.FAILED),
            (1, "a fault", records.WRONG),
            (0, "objective 9\nprice bound 7\n", records.ANSWERED),
        ]
        for exit_code, text, state in ends:
            ended = subprocess.CompletedProcess([], exit_code, stdout=text, stderr="")
            caseload = mock.Mock(ended=lambda *_, ended=ended: ended)
            with tempfile.TemporaryDirectory() as name:
                found = checked(record(objective=9, bound=7), made, Path(name), caseload)
            self.assertEqual(found.state, state, found.reason)


class Records(unittest.TestCase):
    def test_bounds_are_rounded_up(self) -> None:
        for bound, expected in [(6347.2, 6348), (6348.0, 6348), (6348.0000004, 6348), (-0.5, 0), (None, None)]:
            self.assertEqual(records.round_up(bound), expected, bound)

    def test_gap(self) -> None:
        self.assertEqual(records.gap(200, 199), 0.005)
        self.assertEqual(records.gap(0, 0), 0.0)
        self.assertIsNone(records.gap(200, None))
        self.assertTrue(record(objective=5, bound=5).is_optimal)
        self.assertFalse(record(objective=5, bound=5, state=records.WRONG).is_optimal)

    def test_best_so_far(self) -> None:
        points = [Point(2, 9, 5), Point(1, 10, None), Point(3, 11, 4), Point(4, None, 6)]
        expected = [Point(1, 10, None), Point(2, 9, 5), Point(3, 9, 5), Point(4, 9, 6)]
        self.assertEqual(records.best_so_far(points), expected)

    def test_thinned(self) -> None:
        points = [Point(n / 100, 1000 - n, n) for n in range(1, 1001)]
        kept = records.thinned(points, 50)
        self.assertLessEqual(len(kept), 50)
        self.assertEqual((kept[0], kept[-1]), (points[0], points[-1]))
        self.assertEqual(kept, sorted(kept, key=lambda point: point.seconds))

    def test_events(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "events.jsonl"
            path.write_text(
                '{"seconds": 0, "stage": "loaded", "objective": null, "bound": null}\n'
                '{"seconds": 1.5, "stage": "search", "objective": 9, "bound": null}\n{"seconds": 2, "sta'
            )
            self.assertEqual(records.read_events(path), [Point(1.5, 9, None)])
            self.assertEqual(records.read_events(Path(name) / "none"), [])

    def test_resuming(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "results.jsonl"
            results = Results(path)
            run, key = record(objective=6353, trajectory=[Point(1, 2, None)]), ("d05100", "highs", 60.0)
            results.add(record(state=records.SKIPPED, reason="no"))
            self.assertFalse(results.has_run(key))
            self.assertTrue(results.has_skip(key, "no"))
            results.add(run)
            results.add(record(state=records.SKIPPED, reason="no"))
            with path.open("a") as file:
                file.write('{"instance": "cut o')
            with contextlib.redirect_stdout(io.StringIO()) as told:
                read = Results(path)
                self.assertEqual(read.records[key], run)
                read.add(record(solver="scip"))
                self.assertEqual(len(Results(path).records), 2)
            self.assertIn("cut off is left out", told.getvalue())


class Instances(unittest.TestCase):
    def test_unit_caps(self) -> None:
        self.assertEqual(instances.unit_caps([10, 10, 10], 100), [37, 37, 36])
        caps = instances.unit_caps([183, 92, 184, 7], 999)
        self.assertEqual(sum(caps), 999 * 110 // 100)
        with self.assertRaises(ValueError):
            instances.unit_caps([0], 1)

    def test_weigh_all_the_same(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            raw, out = Path(name) / "raw", Path(name) / "out"
            raw.mkdir()
            (raw / "supervisors.csv").write_text("supervisor_id\ns\n")
            (raw / "cases.csv").write_text(
                "case_id,weight_points,current_officer_id,held_since,holding_price\n1,8,a,2025-01-01,9\n2,3,,,5\n"
            )
            (raw / "officers.csv").write_text("officer_id,capacity_points,max_case_count,areas\na,30,9,x;y\nb,10,4,\n")
            (raw / "pairs.csv").write_text("case_id,officer_id,cost,weight_points\n1,a,5,8\n2,b,6,3\n")
            instances.weigh_all_the_same(raw, out)
            self.assertEqual(
                (out / "cases.csv").read_text(),
                "case_id,weight_points,current_officer_id,held_since,holding_price\n1,1,,,9\n2,1,,,5\n",
            )
            self.assertEqual(
                (out / "officers.csv").read_text(),
                "officer_id,capacity_points,max_case_count,areas\na,2,2,x;y\nb,0,0,\n",
            )
            self.assertEqual(
                (out / "pairs.csv").read_text(), "case_id,officer_id,cost,weight_points\n1,a,5,1\n2,b,6,1\n"
            )

    def test_natural_order(self) -> None:
        names = ["gap10-0", "d201600", "gap2-1", "d05100"]
        self.assertEqual(sorted(names, key=instances.natural), ["d05100", "d201600", "gap2-1", "gap10-0"])

    def test_order_of_runs(self) -> None:
        casework = instances.casework(12_000, 150, "tight", is_required=True)
        unit = instances.unit_weights(12_000, 150, is_required=True)
        chosen = [BY_NAME["caseload"], BY_NAME["flow"]]
        planned = [(s.instance.kind, s.solver.name, s.time_limit) for s in steps([casework, unit], chosen, 60.0)]
        expected = [("casework", "caseload", 60.0), ("casework", "caseload", 2.0), ("casework", "flow", 60.0)]
        self.assertEqual(planned, [*expected, ("unit", "caseload", 60.0), ("unit", "flow", 60.0)])

    def test_who_is_spared(self) -> None:
        largest = instances.casework(650_000, 5_000, "tight", is_required=False)
        spared = {solver.name for solver in SOLVERS if solver.unfit(largest) or solver.spared(largest)}
        self.assertEqual(spared, {"highs", "cpsat", "scip", "timefold", "flow", "pdlp"})
        unit = instances.unit_weights(650_000, 5_000, is_required=False)
        self.assertIsNone(BY_NAME["flow"].unfit(unit) or BY_NAME["flow"].spared(unit))
