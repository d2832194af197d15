"""SCIP: reads the MPS itself, default parameters, one thread (its Python package has no parallel solver)."""

from collections.abc import Iterator
from pathlib import Path

from peers.handed import Report, job_of_command_line, write_answer


def chosen_names(path: Path) -> Iterator[str]:
    """The columns that are 1 in a solution that SCIP wrote: `NAME VALUE (obj:COST)`."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            words = line.split()
            if len(words) >= 3 and words[-1].startswith("(obj:") and float(words[1]) > 0.5:
                yield words[0]


def main() -> None:
    import pyscipopt
    from pyscipopt import SCIP_EVENTTYPE

    job = job_of_command_line()
    solver = pyscipopt.Model()
    report = Report(job, f"{solver.version()} (PySCIPOpt {pyscipopt.__version__})")
    solver.hideOutput()
    solver.setLogfile(str(job.out / "scip.log"))
    solver.readProblem(str(job.mps))
    solver.setParam("limits/time", job.time_limit)

    class Progress(pyscipopt.Eventhdlr):
        """Tells of better answers, and of bounds when a node is done."""

        kinds = (
            SCIP_EVENTTYPE.BESTSOLFOUND,
            SCIP_EVENTTYPE.FIRSTLPSOLVED,
            SCIP_EVENTTYPE.LPSOLVED,
            SCIP_EVENTTYPE.NODESOLVED,
        )

        def eventinit(self) -> None:
            for kind in self.kinds:
                self.model.catchEvent(kind, self)

        def eventexit(self) -> None:
            for kind in self.kinds:
                self.model.dropEvent(kind, self)

        def eventexec(self, event: pyscipopt.scip.Event) -> None:
            has_answer = self.model.getNSols() > 0
            report.event(self.model.getPrimalbound() if has_answer else None, self.model.getDualbound())

    solver.includeEventhdlr(Progress(), "progress", "tells of better answers and bounds")
    report.loaded()
    solver.optimize()
    has_answer = solver.getNSols() > 0
    report.finish(solver.getStatus(), solver.getObjVal() if has_answer else None, solver.getDualbound())
    if has_answer:
        solution = job.out / "scip.sol"
        solver.writeBestSol(str(solution), write_zeros=False)
        write_answer(job.out, chosen_names(solution))


if __name__ == "__main__":
    main()
