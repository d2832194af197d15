"""OR-Tools' min-cost flow: exact, but only where every use of a capacity counts 1 (every case weighs the same)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from peers.handed import Report, job_of_command_line, write_chosen
from peers.mps import Arrays, read_arrays

if TYPE_CHECKING:
    import numpy as np


@dataclass
class Network:
    """Units, then officers, then the sink; the first arcs are the columns, in their order."""

    tail: "np.ndarray"
    head: "np.ndarray"
    capacity: "np.ndarray"
    cost: "np.ndarray"
    supply: "np.ndarray"


def network(model: Arrays) -> Network:
    """Refuses what is no network: a use other than 1, or two columns that share one capacity and not all of them."""
    import numpy as np

    if (model.use_weight != 1).any():
        raise ValueError("a case weighs something else than 1: no min-cost flow")
    used = np.diff(model.use_start) > 0
    # An officer is known by the first capacity row of any of the officer's columns.
    officer = np.full(len(model.cost), -1)
    officer[used] = model.use_row[model.use_start[:-1][used]]
    officer_of_use = officer[model.use_column()]
    row_officer = np.full(len(model.capacity), -1)
    row_officer[model.use_row] = officer_of_use
    if (row_officer[model.use_row] != officer_of_use).any():
        raise ValueError("columns share one capacity and not another: no min-cost flow")
    row_count = np.bincount(row_officer[row_officer >= 0], minlength=len(model.capacity))
    if (row_count[officer[used]] != np.diff(model.use_start)[used]).any():
        raise ValueError("columns of one officer use different capacities: no min-cost flow")
    room = np.full(len(model.capacity), np.iinfo(np.int64).max)
    np.minimum.at(room, row_officer[row_officer >= 0], model.capacity[row_officer >= 0])
    officers = np.unique(officer[used])
    sink = model.unit_count + len(model.capacity)
    supply = np.zeros(sink + 1, dtype=np.int64)
    supply[: model.unit_count] = 1
    supply[sink] = -model.unit_count
    return Network(
        tail=np.concatenate([model.unit, model.unit_count + officers]),
        head=np.concatenate([np.where(used, model.unit_count + officer, sink), np.full(len(officers), sink)]),
        capacity=np.concatenate([np.ones(len(model.cost), dtype=np.int64), room[officers]]),
        cost=np.concatenate([model.cost, np.zeros(len(officers), dtype=np.int64)]),
        supply=supply,
    )


def main() -> None:
    import numpy as np
    import ortools
    from ortools.graph.python import min_cost_flow

    job = job_of_command_line()
    report = Report(job, ortools.__version__)
    model = read_arrays(job.model)
    net = network(model)
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(net.tail, net.head, net.capacity, net.cost)
    solver.set_nodes_supplies(np.arange(len(net.supply)), net.supply)
    report.loaded()
    status = solver.solve()
    is_optimal = status == solver.OPTIMAL
    objective = solver.optimal_cost() + model.offset if is_optimal else None
    report.finish(str(status).rpartition(".")[2], objective, objective)
    if is_optimal:
        write_chosen(job, solver.flows(np.arange(len(model.cost))) == 1)


if __name__ == "__main__":
    main()
