"""Published instances of the generalised assignment problem: their files, and their best known values."""

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class GapSize:
    """Agents (officers) and jobs (cases) of an instance."""

    agents: int
    jobs: int


@dataclass(frozen=True)
class BestKnown:
    """What is known of the minimisation of an instance."""

    value: int
    proved_optimal: bool
    lower_bound: int


def read_size(path: Path) -> GapSize:
    """The size, from the first two numbers; the file must hold as many numbers as they say."""
    numbers = path.read_text(encoding="utf-8").split()
    if len(numbers) < 2:
        raise ValueError(f"{path.name}: no size at the beginning")
    agents, jobs = int(numbers[0]), int(numbers[1])
    expected = 2 + 2 * agents * jobs + agents
    if len(numbers) != expected:
        raise ValueError(
            f"{path.name}: {len(numbers)} numbers, but {expected} belong to {agents} agents and {jobs} jobs"
        )
    return GapSize(agents, jobs)


def read_best_known(path: Path) -> dict[str, BestKnown]:
    """By instance. Rows of the maximisation are left out: all solvers minimise."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["instance"]: BestKnown(
                int(row["best_known"]), row["proved_optimal"] == "yes", int(float(row["lower_bound"]))
            )
            for row in csv.DictReader(file)
            if row["sense"] == "min"
        }
