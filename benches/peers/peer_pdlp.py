"""OR-Tools' PDLP: the LP relaxation only, so a bound and no answer; default tolerances.

Its own dual objective is not valid before it has converged. So the bound is recomputed from its row prices.
"""

from peers.handed import Report, job_of_command_line
from peers.mps import read_arrays
from peers.price_bound import price_bound


def main() -> None:
    import ortools
    from ortools.pdlp import solve_log_pb2, solvers_pb2
    from ortools.pdlp.python import pdlp

    job = job_of_command_line()
    report = Report(job, ortools.__version__)
    program = pdlp.read_quadratic_program_or_die(str(job.mps))
    parameters = solvers_pb2.PrimalDualHybridGradientParams()
    parameters.num_threads = job.threads
    parameters.termination_criteria.time_sec_limit = job.time_limit
    report.loaded()
    result = pdlp.primal_dual_hybrid_gradient(program, parameters)
    status = solve_log_pb2.TerminationReason.Name(result.solve_log.termination_reason)
    seconds = report.seconds()
    model = read_arrays(job.model)
    bound = price_bound(model, -result.dual_solution[model.capacity_position])
    report.finish(
        status.removeprefix("TERMINATION_REASON_").lower(),
        None,
        bound,
        f"recomputed from its prices; the solve itself took {seconds:.1f} s",
    )


if __name__ == "__main__":
    main()
