"""The instances: which there are, and how their files are made."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from peers.caseload import Caseload
from peers.gap_file import read_size

RATIOS = {"tight": 110, "short": 95}
"""What the points caps add up to, in per cent of what is needed."""

SEED = 1


@dataclass(frozen=True)
class Instance:
    """One instance. Its kind is `casework`, `unit` (casework in which every case weighs 1) or `gap`."""

    name: str
    kind: str
    is_required: bool
    cases: int
    officers: int
    tightness: str | None = None
    gap_file: Path | None = None

    @property
    def gap_class(self) -> str:
        """`a` to `e`, or `gap` for gap1 to gap12."""
        return "gap" if self.name.startswith("gap") else self.name[0]


def casework(cases: int, officers: int, tightness: str, *, is_required: bool) -> Instance:
    return Instance(f"casework-{cases}x{officers}-{tightness}", "casework", is_required, cases, officers, tightness)


def unit_weights(cases: int, officers: int, *, is_required: bool) -> Instance:
    return Instance(f"unit-{cases}x{officers}", "unit", is_required, cases, officers, "tight")


def natural(name: str) -> list[int | str]:
    """Sorts numbers inside names by their value."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def gap_instances(folder: Path) -> Iterator[Instance]:
    """Everything in the folder. Required are types D and E."""
    for path in sorted(folder.glob("*.txt"), key=lambda path: natural(path.stem)):
        name = path.stem
        if re.fullmatch(r"[a-e]\d+|gap\d+-\d+", name):
            size = read_size(path)
            yield Instance(name, "gap", name[0] in "de", size.jobs, size.agents, gap_file=path.absolute())


def all_instances(gap_folder: Path) -> list[Instance]:
    """In the order in which they run: small casework first, then published instances, the largest last."""
    sizes = [(1_000, 20), (12_000, 150), (50_000, 500)]
    instances = [casework(*size, tightness, is_required=True) for size in sizes for tightness in RATIOS]
    instances += [unit_weights(*size, is_required=True) for size in sizes]
    if gap_folder.is_dir():
        published = list(gap_instances(gap_folder))
        instances += [instance for instance in published if instance.is_required]
        instances += [instance for instance in published if not instance.is_required]
    else:
        print(f"skipped: the published instances, for there is no folder {gap_folder} (see --gap-folder)")
    largest = (650_000, 5_000)
    instances += [casework(*largest, tightness, is_required=False) for tightness in RATIOS]
    return [*instances, unit_weights(*largest, is_required=False)]


class Made:
    """The files of an instance; made when they are first asked for, and kept."""

    def __init__(self, instance: Instance, folder: Path, caseload: Caseload) -> None:
        self.instance = instance
        self.folder = folder / instance.name
        self.caseload = caseload
        self.mps = self.folder / "model.mps"
        self.model = self.folder / "model.npz"
        self.columns = self.folder / "columns.txt"

    def input_arguments(self) -> list[str]:
        """What allocate, export and check are given."""
        if self.instance.gap_file is not None:
            return ["--format", "gap", str(self.instance.gap_file)]
        backlog = self.make_backlog()
        files = [f"--{name}={backlog / name}.csv" for name in ("cases", "officers", "supervisors", "pairs")]
        as_at = json.loads((backlog / "made.json").read_text(encoding="utf-8"))["as_at"]
        return [*files, "--rules=plain", f"--as-at={as_at}"]

    def allocate_arguments(self) -> list[str]:
        sense = ["--sense", "min"] if self.instance.gap_file is not None else []
        return self.input_arguments() + sense

    def export_arguments(self) -> list[str]:
        return self.allocate_arguments()

    def check_arguments(self) -> list[str]:
        has_sense = self.instance.gap_file is not None and self.caseload.has("check", "--sense")
        return self.input_arguments() + (["--sense", "min"] if has_sense else [])

    def make_backlog(self) -> Path:
        """The CSV files. made.json comes last: it marks a finished folder."""
        backlog = self.folder / "backlog"
        made = backlog / "made.json"
        if made.exists():
            return backlog
        instance = self.instance
        ratio = RATIOS[instance.tightness or "tight"]
        raw = backlog if instance.kind == "casework" else self.folder / "casework"
        ratio_option = (
            ["--ratio-percent", str(ratio)]
            if self.caseload.has("generate", "--ratio-percent")
            else ["--ratio", f"{ratio / 100:.2f}"]
        )
        told = self.caseload.call(
            "generate",
            *("--shape", "casework", "--cases", str(instance.cases), "--officers", str(instance.officers)),
            *ratio_option,
            *("--seed", str(SEED), "--out", str(raw)),
        )
        as_at = re.search(r"as at (\d{4}-\d\d-\d\d)", told)
        if as_at is None:
            raise ValueError("generate does not say for which day its backlog is")
        if instance.kind == "unit":
            weigh_all_the_same(raw, backlog)
            shutil.rmtree(raw)
        made.write_text(json.dumps({"as_at": as_at[1]}), encoding="utf-8")
        return backlog

    def make_mps(self) -> Path:
        if not self.mps.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            part = self.folder / "model.part.mps"
            self.caseload.call("export", "mps", *self.export_arguments(), "--out", str(part))
            part.rename(self.mps)
        return self.mps

    def make_model(self) -> Path:
        """The shared reader's arrays, made by a process of its own: this one has to stay small."""
        if not self.model.exists():
            self.make_mps()
            command = [sys.executable, "-m", "peers.mps", str(self.mps), str(self.folder)]
            subprocess.run(command, check=True, env=python_environment())
        return self.model


def python_environment() -> dict[str, str]:
    """In which a child finds the package `peers`."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}


UNIT_RATIO_PERCENT = 110


def unit_caps(capacities: list[int], case_count: int) -> list[int]:
    """Every officer's share, by capacity in points, of 110 % of the cases: whole numbers that add up to it."""
    total = case_count * UNIT_RATIO_PERCENT // 100
    whole = sum(capacities)
    if whole <= 0:
        raise ValueError("no officer has any capacity")
    caps = [total * capacity // whole for capacity in capacities]
    # What rounding down lost goes to the largest remainders; the earlier officer first where they are the same.
    by_remainder = sorted(range(len(caps)), key=lambda index: -(total * capacities[index] % whole))
    for index in by_remainder[: total - sum(caps)]:
        caps[index] += 1
    return caps


def weigh_all_the_same(raw: Path, out: Path) -> None:
    """A copy of a casework backlog in which every case weighs 1 and nobody has an officer yet.

    With today's officers an officer may be over the new cap, which changes caps and who may wait; prices keep the
    handovers, which generate has put into the pairs' costs.
    """
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(raw / "supervisors.csv", out / "supervisors.csv")
    case_count = rewrite(
        raw / "cases.csv", out / "cases.csv", {"weight_points": "1", "current_officer_id": "", "held_since": ""}
    )
    rewrite(raw / "pairs.csv", out / "pairs.csv", {"weight_points": "1"})
    with (raw / "officers.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        officers = list(reader)
        columns = reader.fieldnames or []
    caps = unit_caps([int(officer["capacity_points"]) for officer in officers], case_count)
    with (out / "officers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        for officer, cap in zip(officers, caps, strict=True):
            writer.writerow({**officer, "capacity_points": cap, "max_case_count": cap})


def rewrite(source: Path, target: Path, values: dict[str, str]) -> int:
    """Copies a CSV file with these values in every row; the number of rows."""
    count = 0
    with (
        source.open(encoding="utf-8", newline="") as read,
        target.open("w", encoding="utf-8", newline="") as write,
    ):
        rows, writer = csv.reader(read), csv.writer(write, lineterminator="\n")
        header = next(rows)
        writer.writerow(header)
        places = [(header.index(name), value) for name, value in values.items()]
        for row in rows:
            for place, value in places:
                row[place] = value
            writer.writerow(row)
            count += 1
    return count
