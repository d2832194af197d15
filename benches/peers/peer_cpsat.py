"""OR-Tools' CP-SAT: the model is built from the shared reader's arrays, default parameters."""

from typing import TYPE_CHECKING

from peers.handed import Report, job_of_command_line, write_chosen
from peers.mps import Arrays, read_arrays

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


def build(model: Arrays) -> "cp_model.CpModel":
    import numpy as np
    from ortools.sat.python import cp_model

    built = cp_model.CpModel()
    proto = built.Proto()
    for _ in range(len(model.cost)):
        proto.variables.add().domain.extend([0, 1])
    by_unit = np.argsort(model.unit, kind="stable")
    ends = np.cumsum(np.bincount(model.unit, minlength=model.unit_count))
    for columns in np.split(by_unit, ends[:-1]):
        proto.constraints.add().exactly_one.literals.extend(columns.tolist())
    by_row = np.argsort(model.use_row, kind="stable")
    use_column = model.use_column()
    ends = np.cumsum(np.bincount(model.use_row, minlength=len(model.capacity)))
    for capacity, uses in zip(model.capacity.tolist(), np.split(by_row, ends[:-1]), strict=True):
        linear = proto.constraints.add().linear
        linear.vars.extend(use_column[uses].tolist())
        linear.coeffs.extend(model.use_weight[uses].tolist())
        linear.domain.extend([-(1 << 62), capacity])
    proto.objective.vars.extend(range(len(model.cost)))
    proto.objective.coeffs.extend(model.cost.tolist())
    proto.objective.offset = model.offset
    return built


def main() -> None:
    import ortools
    from ortools.sat.python import cp_model

    job = job_of_command_line()
    report = Report(job, ortools.__version__)
    built = build(read_arrays(job.model))

    class Progress(cp_model.CpSolverSolutionCallback):
        """Tells of every better answer."""

        objective: float | None = None
        bound: float | None = None

        def on_solution_callback(self) -> None:
            self.objective, self.bound = self.objective_value, self.best_objective_bound
            report.event(self.objective, self.bound)

    progress = Progress()

    def better_bound(bound: float) -> None:
        progress.bound = bound
        report.event(progress.objective, bound)

    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = job.time_limit
    solver.parameters.num_workers = job.threads
    solver.best_bound_callback = better_bound
    report.loaded()
    status = solver.solve(built, progress)
    has_answer = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    # Without an answer, CP-SAT's bound is only there where its callback told one.
    bound = solver.best_objective_bound if has_answer else progress.bound
    report.finish(solver.status_name(status), solver.objective_value if has_answer else None, bound)
    if has_answer:
        write_chosen(job, (value == 1 for value in solver.response_proto.solution))


if __name__ == "__main__":
    main()
