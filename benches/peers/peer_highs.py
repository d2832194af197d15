"""HiGHS: reads the MPS itself, branch and bound with default options."""

import math

from peers.handed import Report, job_of_command_line, write_chosen


def main() -> None:
    import highspy

    job = job_of_command_line()
    solver = highspy.Highs()
    report = Report(job, solver.version())
    solver.setOptionValue("log_to_console", False)
    solver.setOptionValue("log_file", str(job.out / "highs.log"))
    solver.setOptionValue("time_limit", job.time_limit)
    solver.setOptionValue("threads", job.threads)
    # The default stops at 0.01 %; here every solver goes on until the proof is complete.
    solver.setOptionValue("mip_rel_gap", 0.0)
    if solver.readModel(str(job.mps)) == highspy.HighsStatus.kError:
        raise SystemExit("HiGHS cannot read the model")

    def progress(event: "highspy.highs.HighsCallbackEvent") -> None:
        report.event(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)

    solver.cbMipImprovingSolution += progress
    solver.cbMipLogging += progress
    report.loaded()
    solver.solve()
    info = solver.getInfo()
    status = solver.modelStatusToString(solver.getModelStatus())
    # primal_solution_status 2 is a feasible one; a solve that ends in presolve has no dual bound of its own to tell.
    has_answer = info.primal_solution_status == 2 and math.isfinite(info.objective_function_value)
    objective = info.objective_function_value if has_answer else None
    report.finish(status, objective, info.mip_dual_bound)
    if has_answer:
        write_chosen(job, (value > 0.5 for value in solver.getSolution().col_value))


if __name__ == "__main__":
    main()
