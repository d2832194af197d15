"""The readers: MPS and what peers make of it, published instances, and what caseload prints."""

import io
import tempfile
import unittest
from pathlib import Path

from peers import mps, run
from peers.gap_file import GapSize, read_best_known, read_size
from peers.handed import write_answer
from peers.peer_scip import chosen_names

SMALL = """\
* two cases, two officers
NAME small
ROWS
 N cost
 E unit;1
 E unit;2
 L points;a
 L cases;a
 L points;b
COLUMNS
 MARKER 'MARKER' 'INTORG'
 1;a cost 5 unit;1 1
 1;a points;a 3 cases;a 1
 1;b cost 7 unit;1 1 points;b 3.0
 1; cost 50 unit;1 1
 2;a cost 2 unit;2 1 points;a 2 cases;a 1
 2; unit;2 1 cost 60
 MARKER 'MARKER' 'INTEND'
RHS
 RHS unit;1 1 unit;2 1
 RHS points;a 4 cases;a 1
 points;b 9
 RHS cost -100
BOUNDS
 BV BOUND 1;a
 UP BOUND 1;b 1
ENDATA
"""


def read(text: str, names: io.StringIO | None = None) -> mps.Model:
    return mps.Reader(names).read(io.StringIO(text))


class Mps(unittest.TestCase):
    def test_small(self) -> None:
        names = io.StringIO()
        model = read(SMALL, names)
        self.assertEqual(names.getvalue().split("\n"), ["1;a", "1;b", "1;", "2;a", "2;", ""])
        self.assertEqual(list(model.cost), [5, 7, 50, 2, 60])
        self.assertEqual(list(model.unit), [0, 0, 0, 1, 1])
        self.assertEqual(list(model.use_start), [0, 2, 3, 3, 5, 5])
        self.assertEqual(list(model.use_row), [0, 1, 2, 0, 1])
        self.assertEqual(list(model.use_weight), [3, 1, 3, 2, 1])
        self.assertEqual(list(model.capacity), [4, 1, 9])
        self.assertEqual(list(model.capacity_position), [2, 3, 4])
        self.assertEqual((model.unit_count, model.offset), (2, 100))

    def test_refused(self) -> None:
        for old, new, words in [
            ("ENDATA\n", "", "cut off"),
            ("NAME small", "OBJSENSE MAX", "minimisation"),
            (" L points;b", " G points;b", "kind G"),
            ("points;b 3.0", "points;b 3.5", "not a whole number"),
            (" 1; cost 50 unit;1 1", " 1; cost 50", "in no equality row"),
            (" 1; cost 50 unit;1 1", " 1; unit;1 1 unit;2 1", "exactly one equality row"),
            (" 1; cost 50 unit;1 1", " 1; cost 50 unit;1 2", "exactly one equality row"),
            (" 1; cost 50 unit;1 1", " 1; cost 50 nowhere 1", "unknown row"),
            ("unit;2 1\n RHS points;a", "unit;2 2\n RHS points;a", "right-hand side 2"),
            (" RHS unit;1 1 unit;2 1", " RHS unit;1 1", "1 equality rows have no"),
            (" UP BOUND 1;b 1", " FX BOUND 1;b 1", "bound FX"),
            ("BOUNDS\n", "RANGES\n", "section RANGES"),
            (" 1;a cost 5 unit;1 1", " 1;a cost 5 unit;1", "a number is missing"),
        ]:
            with self.subTest(words), self.assertRaisesRegex(mps.Unreadable, words):
                self.assertIn(old, SMALL)
                read(SMALL.replace(old, new))


class Peers(unittest.TestCase):
    """What is built from the arrays. On this instance: 1 to b for 7, 2 to a for 2, and 100 for nothing."""

    def arrays(self, text: str = SMALL) -> mps.Arrays:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.npz"
            mps.write_arrays(read(text), path)
            return mps.read_arrays(path)

    def test_price_bound(self) -> None:
        import numpy as np

        from peers.price_bound import price_bound

        self.assertEqual(price_bound(self.arrays(), np.zeros(3)), 107)
        self.assertEqual(price_bound(self.arrays(), np.array([0.0, 2.0, 0.0])), 109)
        # Prices that are too high, or of the wrong sign, give a worse bound, never a wrong one.
        self.assertLess(price_bound(self.arrays(), np.array([50.0, -3.0, 50.0])), 109)
        with self.assertRaises(OverflowError):
            price_bound(self.arrays(), np.array([1e14, 0.0, 0.0]))

    def test_flow(self) -> None:
        from peers.peer_flow import network

        with self.assertRaisesRegex(ValueError, "something else than 1"):
            network(self.arrays())
        unit = SMALL.replace("points;a 3", "points;a 1").replace("points;a 2", "points;a 1").replace("3.0", "1")
        net = network(self.arrays(unit))
        # Units 0 and 1, officers at the place of their first row (2 and 4), sink 5.
        self.assertEqual(net.tail.tolist(), [0, 0, 0, 1, 1, 2, 4])
        self.assertEqual(net.head.tolist(), [2, 4, 5, 2, 5, 5, 5])
        self.assertEqual(net.capacity.tolist(), [1, 1, 1, 1, 1, 1, 9])
        self.assertEqual(net.cost.tolist(), [5, 7, 50, 2, 60, 0, 0])
        self.assertEqual(net.supply.tolist(), [1, 1, 0, 0, 0, -2])
        shared = unit.replace("2;a cost 2 unit;2 1 points;a 1 cases;a 1", "2;a cost 2 unit;2 1 cases;a 1")
        with self.assertRaisesRegex(ValueError, "no min-cost flow"):
            network(self.arrays(shared))

    def test_cpsat(self) -> None:
        from ortools.sat.python import cp_model

        from peers.peer_cpsat import build

        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        self.assertEqual(solver.solve(build(self.arrays())), cp_model.OPTIMAL)
        self.assertEqual(solver.objective_value, 109)
        self.assertEqual(list(solver.response_proto.solution), [0, 1, 0, 1, 0])


class Answers(unittest.TestCase):
    def test_names(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_answer(folder, ["1;b", "odd;2;", "3;a"])
            self.assertEqual((folder / "allocation.csv").read_text(), "case_id,officer_id\n1,b\n3,a\n")
            self.assertEqual((folder / "holding.csv").read_text(), "case_id\nodd;2\n")

    def test_scip_solution(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "scip.sol"
            path.write_text("objective value:   9\n1;b   1 \t(obj:7)\n2;a   0.9999999 \t(obj:2)\n2;  1e-09 (obj:60)\n")
            self.assertEqual(list(chosen_names(path)), ["1;b", "2;a"])

    def test_check(self) -> None:
        text = (
            "2 children without an officer\n1,002 cases: 1,000 with one officer each, 2 waiting; every rule is kept\n"
        )
        self.assertEqual(run.read_check(text + "objective 14,070\nno bound to check\n"), (14070, 2))
        published = "Every job has an agent.\nObjective 6,362; no bound to check.\n"
        self.assertEqual(run.read_check(published), (6362, None))
        self.assertEqual(run.read_check("1 thing is wrong with this answer:\n"), (None, None))

    def test_folders_are_not_told(self) -> None:
        self.assertEqual(run.without_folders("cannot read /a/b-c/d.mps: no"), "cannot read d.mps: no")


class Published(unittest.TestCase):
    def test_size(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "d02003.txt"
            path.write_text(" 2 3\n 1 2 3 4 5 6\n 1 1 1 1 1 1\n 4 4\n")
            self.assertEqual(read_size(path), GapSize(2, 3))
            path.write_text("2 3\n1 2 3 4 5 6\n1 1 1 1 1 1\n4\n")
            with self.assertRaisesRegex(ValueError, "15 numbers, but 16"):
                read_size(path)

    def test_best_known(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "best_known.csv"
            path.write_text(
                "instance,agents,jobs,sense,best_known,proved_optimal,lower_bound,source\n"
                "gap1-0,5,15,max,336,yes,336,somewhere\ngap1-0,5,15,min,261,yes,261,somewhere\n"
                "d20400,20,400,min,24562,no,24561.0,somewhere\n"
            )
            known = read_best_known(path)
            self.assertEqual(known["gap1-0"].value, 261)
            self.assertEqual((known["d20400"].proved_optimal, known["d20400"].lower_bound), (False, 24561))
