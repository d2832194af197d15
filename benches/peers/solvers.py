"""Who takes part: how each solver is started, and which instances it is spared."""

import importlib.metadata
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from peers.instances import Instance

JAVA_SOURCE = Path(__file__).with_name("TimefoldPeer.java")


@dataclass(frozen=True)
class Solver:
    """`spared` says why an instance is not tried; with --attempt-all only `unfit` does."""

    name: str
    title: str
    modelled: str
    unfit: Callable[[Instance], str | None]
    spared: Callable[[Instance], str | None]
    needs_model: bool = False
    """Uses what the shared reader makes: the arrays, or the columns' names in the file's order."""
    has_answers: bool = True


def fits(_: Instance) -> str | None:
    return None


def too_large(reason: str) -> Callable[[Instance], str | None]:
    """Spares it the instances of 650,000 cases."""
    return lambda instance: reason if instance.cases >= 650_000 else None


def flow_unfit(instance: Instance) -> str | None:
    return None if instance.kind == "unit" else "weights differ: no min-cost flow"


def pdlp_unfit(instance: Instance) -> str | None:
    return "the LP of an instance of this size is no question" if instance.kind == "gap" else None


SOLVERS = [
    Solver("caseload", "caseload", "its own files, not the MPS; two threads", fits, fits),
    Solver(
        "highs",
        "HiGHS",
        "MIP, reads the MPS; default options but a relative gap of 0, two threads",
        fits,
        too_large("HiGHS cannot load it: 18 GB and more when it was tried"),
        needs_model=True,
    ),
    Solver(
        "cpsat",
        "CP-SAT",
        "exactly one pair a unit, one linear row a cap; default parameters, two workers",
        fits,
        too_large("CP-SAT cannot load it: out of memory when it was tried"),
        needs_model=True,
    ),
    Solver(
        "scip",
        "SCIP",
        "MIP, reads the MPS; default parameters, one thread (its Python package has no parallel solver)",
        fits,
        too_large("SCIP cannot load it: larger in memory than HiGHS, which needs 18 GB"),
    ),
    Solver(
        "timefold",
        "Timefold",
        "free edition, default phases and moves, one thread, incremental score; it has no bounds",
        fits,
        too_large("Timefold's list of moves does not fit: 2.9 GB at 50,000 cases already"),
    ),
    Solver(
        "flow",
        "min-cost flow",
        "OR-Tools' SimpleMinCostFlow, one thread, no time limit of its own; exact, for equal weights only",
        flow_unfit,
        fits,
        needs_model=True,
    ),
    Solver(
        "pdlp",
        "PDLP",
        "the LP relaxation only: a bound, recomputed in whole numbers from its row prices; two threads",
        pdlp_unfit,
        too_large("PDLP was 27 % off after 136 s, with 10.7 GB, when it was tried"),
        needs_model=True,
        has_answers=False,
    ),
]

BY_NAME = {solver.name: solver for solver in SOLVERS}


def jars() -> Path | None:
    """Timefold's jars, in its Python package; its Python is not used."""
    try:
        found = importlib.metadata.distribution("timefold").locate_file("timefold/solver/jars")
    except importlib.metadata.PackageNotFoundError:
        return None
    return Path(str(found))


def timefold_version() -> str:
    """As its Python package tells it."""
    return importlib.metadata.version("timefold")


@cache
def timefold_missing() -> str | None:
    """Why Timefold cannot be run here."""
    if shutil.which("javac") is None or shutil.which("java") is None:
        return "there is no JDK (javac and java) here"
    if jars() is None:
        return "its package could not be installed here"
    return None


@cache
def timefold_classes(work: Path) -> Path:
    """Compiles the Java side; into a new folder in every process, for it takes two seconds."""
    classes = work / "timefold-classes"
    shutil.rmtree(classes, ignore_errors=True)
    classes.mkdir(parents=True)
    subprocess.run(
        ["javac", "-cp", f"{jars()}/*", "-d", str(classes), str(JAVA_SOURCE)], check=True, stdin=subprocess.DEVNULL
    )
    return classes


def timefold_command(work: Path, mps: Path, out: Path, time_limit: float) -> list[str]:
    class_path = f"{timefold_classes(work)}:{jars()}/*"
    return ["java", "-cp", class_path, "TimefoldPeer", str(mps), str(out), str(time_limit), timefold_version()]


def python_command(name: str, job: Path) -> list[str]:
    """A peer with a Python interface."""
    return [sys.executable, "-m", f"peers.peer_{name}", str(job)]
