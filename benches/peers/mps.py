"""The shared reader: free MPS of an allocation problem to arrays, for the peers that do not read MPS themselves.

    python -m peers.mps model.mps FOLDER    writes FOLDER/model.npz and FOLDER/columns.txt

It knows the form that `caseload export mps` writes, and refuses any other: binary columns, each in exactly one equality
row (its unit's) with coefficient 1 and right-hand side 1, and in any number of `<=` rows; whole numbers everywhere.
"""

import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import numpy as np


@dataclass
class Model:
    """One entry a column in `cost` and `unit`; column k's uses of `<=` rows are use_start[k] to use_start[k + 1]."""

    cost: array = field(default_factory=lambda: array("q"))
    unit: array = field(default_factory=lambda: array("i"))
    use_start: array = field(default_factory=lambda: array("q", [0]))
    use_row: array = field(default_factory=lambda: array("i"))
    use_weight: array = field(default_factory=lambda: array("q"))
    capacity: array = field(default_factory=lambda: array("q"))
    # Where the `<=` rows stand among all rows but the objective, for the prices of a solver that read the file itself.
    capacity_position: array = field(default_factory=lambda: array("q"))
    unit_count: int = 0
    offset: int = 0


class Unreadable(ValueError):
    """The file is not of the form that is known here."""


def whole(text: str) -> int:
    """A whole number, written as an integer or with a fraction of zero."""
    try:
        return int(text)
    except ValueError:
        number = float(text)
        if number != int(number):
            raise Unreadable(f"{text} is not a whole number") from None
        return int(number)


def pairs(words: list[str]) -> Iterator[tuple[str, int]]:
    """Row and number, row and number, ..."""
    if len(words) % 2:
        raise Unreadable(f"a number is missing in: {' '.join(words)}")
    for position in range(0, len(words), 2):
        yield words[position], whole(words[position + 1])


class Reader:
    """Reads line by line, and keeps no column's name."""

    def __init__(self, names: TextIO | None) -> None:
        self.model = Model()
        self.names = names
        self.objective: str | None = None
        self.units: dict[str, int] = {}
        self.capacities: dict[str, int] = {}
        self.row_count = 0
        self.units_with_side: set[str] = set()
        self.column: str | None = None
        self.column_cost = 0
        self.column_unit = -1
        self.is_ended = False

    def read(self, lines: TextIO) -> Model:
        section = ""
        for line in lines:
            words = line.split()
            if not words or line[0] == "*":
                continue
            if not line[0].isspace():
                section = words[0].upper()
                if section == "OBJSENSE" and len(words) > 1:
                    self.sense(words[1:])
                elif section == "ENDATA":
                    self.is_ended = True
                    break
            elif section == "COLUMNS":
                self.entry(words)
            elif section == "ROWS":
                self.row(words)
            elif section == "RHS":
                self.side(words)
            elif section == "BOUNDS":
                self.bound(words)
            elif section == "OBJSENSE":
                self.sense(words)
            else:
                raise Unreadable(f"section {section or '(none)'} is not known here")
        self.end_column()
        if not self.is_ended:
            raise Unreadable("the file has no ENDATA: was it cut off?")
        if lacking := len(self.units) - len(self.units_with_side):
            raise Unreadable(f"{lacking} equality rows have no right-hand side of 1")
        self.model.unit_count = len(self.units)
        return self.model

    def sense(self, words: list[str]) -> None:
        if not words[0].upper().startswith("MIN"):
            raise Unreadable("only minimisation is known here")

    def row(self, words: list[str]) -> None:
        kind, name = words[0].upper(), words[1]
        if kind == "N":
            if self.objective is not None:
                raise Unreadable("there is a second objective")
            self.objective = name
            return
        if kind == "E":
            self.units[name] = len(self.units)
        elif kind == "L":
            self.capacities[name] = len(self.capacities)
            self.model.capacity.append(0)
            self.model.capacity_position.append(self.row_count)
        else:
            raise Unreadable(f"row {name} is of kind {kind}: only N, E and L are known here")
        self.row_count += 1

    def entry(self, words: list[str]) -> None:
        if len(words) > 2 and words[1] == "'MARKER'":
            return
        if words[0] != self.column:
            self.end_column()
            self.column, self.column_cost, self.column_unit = words[0], 0, -1
        for row, number in pairs(words[1:]):
            capacity = self.capacities.get(row)
            if capacity is not None:
                if number:
                    self.model.use_row.append(capacity)
                    self.model.use_weight.append(number)
            elif row == self.objective:
                self.column_cost = number
            elif row in self.units:
                if self.column_unit >= 0 or number != 1:
                    raise Unreadable(f"column {words[0]} is not in exactly one equality row with coefficient 1")
                self.column_unit = self.units[row]
            else:
                raise Unreadable(f"column {words[0]} names an unknown row {row}")

    def end_column(self) -> None:
        if self.column is None:
            return
        if self.column_unit < 0:
            raise Unreadable(f"column {self.column} is in no equality row")
        self.model.cost.append(self.column_cost)
        self.model.unit.append(self.column_unit)
        self.model.use_start.append(len(self.model.use_row))
        if self.names:
            self.names.write(self.column + "\n")
        self.column = None

    def side(self, words: list[str]) -> None:
        for row, number in pairs(words[len(words) % 2 :]):
            if row in self.capacities:
                self.model.capacity[self.capacities[row]] = number
            elif row == self.objective:
                self.model.offset = -number
            elif row in self.units and number == 1:
                self.units_with_side.add(row)
            else:
                raise Unreadable(f"the right-hand side {number} of row {row} is not known here")

    def bound(self, words: list[str]) -> None:
        """Bounds say no more than the equality rows do, or are refused."""
        kind = words[0].upper()
        number = whole(words[-1]) if kind in ("UP", "LO", "UI", "LI") else None
        if (
            kind in ("BV", "PL")
            or (kind[0] == "U" and number is not None and number >= 1)
            or (kind[0] == "L" and number == 0)
        ):
            return
        raise Unreadable(f"the bound {' '.join(words)} is not known here")


def read(path: Path, names: Path | None = None) -> Model:
    """The model; the columns' names, one a line, go to the file `names`."""
    with path.open(encoding="utf-8") as lines:
        if names is None:
            return Reader(None).read(lines)
        with names.open("w", encoding="utf-8") as file:
            return Reader(file).read(lines)


@dataclass
class Arrays:
    """The model as numpy arrays."""

    cost: "np.ndarray"
    unit: "np.ndarray"
    use_start: "np.ndarray"
    use_row: "np.ndarray"
    use_weight: "np.ndarray"
    capacity: "np.ndarray"
    capacity_position: "np.ndarray"
    unit_count: int
    offset: int

    def use_column(self) -> "np.ndarray":
        """The column of every use."""
        import numpy as np

        return np.repeat(np.arange(len(self.cost)), np.diff(self.use_start))


def write_arrays(model: Model, path: Path) -> None:
    """Writes model.npz."""
    import numpy as np

    names = ("cost", "unit", "use_start", "use_row", "use_weight", "capacity", "capacity_position")
    arrays = {name: np.frombuffer(getattr(model, name), dtype=getattr(model, name).typecode) for name in names}
    np.savez(path, counts=np.array([model.unit_count, model.offset]), **arrays)


def read_arrays(path: Path) -> Arrays:
    """Reads model.npz."""
    import numpy as np

    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    unit_count, offset = (int(number) for number in arrays.pop("counts"))
    return Arrays(unit_count=unit_count, offset=offset, **arrays)


def main() -> None:
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    # The arrays last, under their own name only when they are whole: they mark a finished reading.
    write_arrays(read(source, folder / "columns.txt"), folder / "model.part.npz")
    (folder / "model.part.npz").rename(folder / "model.npz")


if __name__ == "__main__":
    main()
