"""Other solvers and `caseload`, paired on the same instances: runs what is lacking, then writes the report.

make bench-peers                                               all required instances; hours, and it can be resumed
make bench-peers ARGS="--sets required,further"                all of them
make bench-peers ARGS="--only d05100 --solvers caseload,highs --time-limit 60"
make bench-peers ARGS=--self-test                              the tests of this harness

Exported instances and answers are kept in target/peers. Delete target/peers/instances when `generate` or `export` has
changed, and give --again to replace runs of an older build.
"""

import argparse
import signal
import sys
import unittest
from fnmatch import fnmatch
from pathlib import Path

from peers import plot, targets
from peers.caseload import Caseload
from peers.gap_file import BestKnown, read_best_known
from peers.instances import Instance, all_instances
from peers.records import SKIPPED, Results
from peers.report import Input, Report
from peers.run import Settings, recheck_all, run_all
from peers.solvers import BY_NAME, SOLVERS, Solver

ROOT = Path(__file__).resolve().parents[2]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench-peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", metavar="NAMES", help="instances, by name or pattern, separated by commas; of all sets"
    )
    parser.add_argument("--sets", default="required", help="required, further, or both: required,further")
    parser.add_argument("--solvers", metavar="NAMES", default=",".join(BY_NAME), help="default: %(default)s")
    parser.add_argument("--time-limit", type=float, default=60.0, metavar="S", help="seconds of search; default 60")
    parser.add_argument("--threads", type=int, default=2, help="for solvers that can use them; default 2")
    parser.add_argument("--gap-folder", type=Path, default=ROOT.parent / "shared/data/gap", help="published instances")
    parser.add_argument("--caseload", type=Path, default=ROOT / "target/release/caseload", help="the program")
    parser.add_argument("--work", type=Path, default=ROOT / "target/peers", help="instances and answers")
    parser.add_argument("--results", type=Path, help="JSON lines, one a run; default: results.jsonl in the work folder")
    parser.add_argument("--report", type=Path, default=ROOT / "benches", help="folder of RESULTS.md and the picture")
    parser.add_argument("--engine-results", type=Path, metavar="FILE", help="JSON lines of `caseload bench`")
    parser.add_argument("--attempt-all", action="store_true", help="also what is known not to fit into memory")
    parser.add_argument("--again", action="store_true", help="run the chosen ones again, even where they were run")
    parser.add_argument("--recheck", action="store_true", help="run nothing; check the kept answers again")
    parser.add_argument("--note", metavar="TEXT", help="what a reader of the report must know of how it was run")
    parser.add_argument("--report-only", action="store_true", help="run nothing")
    parser.add_argument("--list", action="store_true", help="list the chosen instances")
    parser.add_argument("--self-test", action="store_true", help="run the tests of this harness")
    return parser.parse_args()


def self_test() -> int:
    suite = unittest.defaultTestLoader.discover(str(Path(__file__).parent), top_level_dir=str(ROOT / "benches"))
    result = unittest.TextTestRunner(verbosity=1).run(suite)
    return 0 if result.wasSuccessful() and result.testsRun else 1


def chosen_instances(known: list[Instance], only: str | None, sets: str) -> list[Instance]:
    if only is None:
        names = sets.split(",")
        if unknown := set(names) - {"required", "further"}:
            sys.exit(f"--sets: {', '.join(sorted(unknown))} is not known; there are required and further")
        return [i for i in known if ("required" if i.is_required else "further") in names]
    patterns = only.split(",")
    for pattern in patterns:
        if not any(fnmatch(instance.name, pattern) for instance in known):
            sys.exit(f"--only: there is no instance {pattern}; see --list --sets required,further")
    return [instance for instance in known if any(fnmatch(instance.name, pattern) for pattern in patterns)]


def chosen_solvers(names: str) -> list[Solver]:
    wanted = names.split(",")
    if unknown := set(wanted) - set(BY_NAME):
        sys.exit(f"--solvers: {', '.join(sorted(unknown))} is not known; there are {', '.join(BY_NAME)}")
    return [solver for solver in SOLVERS if solver.name in wanted]


def write_report(
    results: Results, instances: list[Instance], best_known: dict[str, BestKnown], options: argparse.Namespace
) -> None:
    runs = [run for run in results.records.values() if run.state != SKIPPED]
    lines = None
    if options.engine_results is not None:
        lines = targets.read_engine_results(options.engine_results)
    given = Input(results.records, instances, best_known, lines, options.time_limit, options.note)
    report = Report(given)
    options.report.mkdir(parents=True, exist_ok=True)
    (options.report / "RESULTS.md").write_text(report.text(), encoding="utf-8")
    plot.draw(runs, instances, best_known, options.report / "gap-over-time.svg")
    for target in report.targets:
        print(f"{target.state:8} {target.subject}: {target.wanted}" + (f" ({target.found})" if target.found else ""))
    print("written: RESULTS.md and gap-over-time.svg")


def main() -> int:
    options = arguments()
    if options.self_test:
        return self_test()
    known = all_instances(options.gap_folder)
    instances = chosen_instances(known, options.only, options.sets)
    if options.list:
        for instance in instances:
            print(f"{instance.name}: {instance.cases:,} cases, {instance.officers:,} officers")
        return 0
    best_known_file = options.gap_folder / "best_known.csv"
    best_known = read_best_known(best_known_file) if best_known_file.exists() else {}
    work = options.work.absolute()
    results = Results(options.results or work / "results.jsonl")
    if not options.report_only:
        if not options.caseload.exists():
            sys.exit(f"there is no program {options.caseload}: see --caseload")
        settings = Settings(
            Caseload(options.caseload), work, options.time_limit, options.threads, options.attempt_all, options.again
        )
        # A request to end is like Ctrl-C: the solver that runs must not be left behind.
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
        try:
            act = recheck_all if options.recheck else run_all
            act(instances, chosen_solvers(options.solvers), settings, results)
        except KeyboardInterrupt:
            print("\ninterrupted; what has been run is kept, and the same command goes on from here")
            return 130
    write_report(results, known, best_known, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
