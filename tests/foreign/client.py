"""A client in another language: made from proto/ alone, it allocates, reads, commits and reads back, and checks the
documented details of every refusal. tests/it/foreign_client.rs starts the service and runs this.

    client.py ADDRESS PROTO_FOLDER
"""

import importlib
import sys
import tempfile
import uuid

import grpc
from google.protobuf import struct_pb2
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from grpc_tools import protoc

address, proto_folder = sys.argv[1:]
stubs = tempfile.TemporaryDirectory()
sources = [
    "caseload/v1/" + name
    for name in (
        "backlog.proto", "allocation.proto", "allocation_service.proto", "assignment_service.proto",
        "planning.proto", "forecast.proto", "waves.proto", "scenarios.proto", "leavers.proto",
        "handovers.proto", "staffing.proto", "planning_service.proto",
    )
]
include = importlib.import_module("grpc_tools").__path__[0] + "/_proto"
arguments = ["protoc", f"-I{proto_folder}", f"-I{include}", f"--python_out={stubs.name}", f"--grpc_python_out={stubs.name}"]
if protoc.main(arguments + sources) != 0:
    sys.exit("protoc refused the files")
sys.path.insert(0, stubs.name)
from caseload.v1 import allocation_pb2, allocation_service_pb2, allocation_service_pb2_grpc  # noqa: E402
from caseload.v1 import assignment_service_pb2, assignment_service_pb2_grpc, backlog_pb2  # noqa: E402
from caseload.v1 import forecast_pb2, planning_pb2, planning_service_pb2_grpc, waves_pb2  # noqa: E402
from caseload.v1 import handovers_pb2, leavers_pb2, scenarios_pb2, staffing_pb2  # noqa: E402

channel = grpc.insecure_channel(address)
allocations = allocation_service_pb2_grpc.AllocationServiceStub(channel)
assignments = assignment_service_pb2_grpc.AssignmentServiceStub(channel)
planning = planning_service_pb2_grpc.PlanningServiceStub(channel)


def equal(found, expected, what):
    if found != expected:
        sys.exit(f"{what}: found {found!r}, expected {expected!r}")


def backlog():
    return backlog_pb2.Backlog(
        as_at_date="2026-09-01",
        cases=[backlog_pb2.Case(case_id=f"c{n}", weight_points=n) for n in (1, 2, 3)],
        officers=[backlog_pb2.Officer(officer_id=f"o{n}", capacity_points=4) for n in (1, 2)],
        supervisors=[backlog_pb2.Supervisor(supervisor_id="s1")],
    )


def request(**fields):
    return allocation_service_pb2.AllocateRequest(**{"team_id": "foreign", "backlog": backlog(), **fields})


def refused(call, message):
    """Code, ErrorInfo, and the other details by type, of a call that must be refused."""
    try:
        answer = call(message, timeout=20)
    except grpc.RpcError as error:
        status = rpc_status.from_call(error)
        if status is None:
            sys.exit(f"{error.code()} carries no details: {error.details()}")
        details = {}
        for packed in status.details:
            name = packed.type_url.rsplit(".", 1)[1]
            if name in details:
                sys.exit(f"{name} is there twice")
            details[name] = getattr(error_details_pb2, name)()
            packed.Unpack(details[name])
        info = details.pop("ErrorInfo", None)
        if info is None or info.domain != "caseload":
            sys.exit(f"{error.code()} carries no ErrorInfo of this domain")
        return error.code(), info, details
    sys.exit(f"this should be refused, but was answered: {answer}")


def check_bad(what, change, *fields):
    """A backlog with this change is refused, and these fields are named."""
    bad = backlog()
    change(bad)
    code, info, details = refused(allocations.Allocate, request(backlog=bad))
    equal((code, info.reason), (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS"), what)
    violations = details["BadRequest"].field_violations
    equal([violation.field for violation in violations], list(fields), what)
    equal(info.metadata["violation_count"], str(len(fields)), what)
    equal([violation.field for violation in violations if not violation.description], [], what)


def the_good_path():
    validated = allocations.Allocate(request(validate_only=True), timeout=20).allocation
    equal((validated.allocation_id, validated.state), ("", allocation_pb2.ALLOCATION_STATE_VALIDATED), "validated")
    proposal = allocations.Allocate(request(request_id=str(uuid.uuid4())), timeout=20).allocation
    equal(proposal.state, allocation_pb2.ALLOCATION_STATE_PROPOSED, "state")
    equal(proposal.totals.allocated_count, 3, "allocated")
    named = allocation_service_pb2.GetAllocationRequest(team_id="foreign", allocation_id=proposal.allocation_id)
    equal(allocations.GetAllocation(named, timeout=20).allocation, proposal, "the proposal read")
    commit = allocation_service_pb2.CommitAllocationRequest(
        team_id="foreign", allocation_id=proposal.allocation_id, request_id=str(uuid.uuid4())
    )
    committed = allocations.CommitAllocation(commit, timeout=20).assignment
    equal((committed.version, committed.etag), (1, "1"), "committed")
    equal(allocations.CommitAllocation(commit, timeout=20).assignment, committed, "the commit repeated")
    current = assignment_service_pb2.GetAssignmentRequest(team_id="foreign")
    equal(assignments.GetAssignment(current, timeout=20).assignment, committed, "the assignment read back")
    caseloads, token = [], ""
    while not caseloads or token:
        page = assignments.ListCaseloads(
            assignment_service_pb2.ListCaseloadsRequest(team_id="foreign", page_size=1, page_token=token), timeout=20
        )
        caseloads += page.caseloads
        token = page.next_page_token
    held = {case.case_id: case.officer_id for case in proposal.held_cases}
    equal({case: entry.officer_id for entry in caseloads for case in entry.case_ids}, held, "who holds what")


def from_day_to_day():
    """Every other call: each new version from the etag before it."""
    service = assignment_service_pb2
    team = {"team_id": "daily"}
    made = allocations.Allocate(request(team_id="daily", commit=True), timeout=20).allocation
    equal(made.version, 1, "the first version")
    case = backlog_pb2.Case(case_id="new", weight_points=1)
    once = service.AssignCasesRequest(
        **team, etag="1", request_id=str(uuid.uuid4()), as_at_date="2026-09-01", cases=[case]
    )
    assigned = assignments.AssignCases(once, timeout=20)
    equal(assigned.assignment.version, 2, "assigned")
    equal(assignments.AssignCases(once, timeout=20), assigned, "the call repeated")
    move = service.ReassignCaseRequest(
        **team, etag="2", as_at_date="2026-09-01", case_id="new", officer_id="o2",
        reason=service.OVERRIDE_REASON_CONTINUITY, keep_pinned=True,
    )
    equal(assignments.ReassignCase(move, timeout=20).assignment.version, 3, "reassigned")
    explained = assignments.ExplainCase(service.ExplainCaseRequest(**team, case_id="new"), timeout=20)
    equal((explained.version, explained.explanation.case_id), (3, "new"), "explained")
    close = service.CloseCasesRequest(**team, etag="3", as_at_date="2026-09-02", case_ids=["new"])
    equal(assignments.CloseCases(close, timeout=20).assignment.version, 4, "closed")
    status = assignments.GetTeamStatus(service.GetTeamStatusRequest(**team), timeout=20).status
    equal((status.version, status.case_count), (4, 3), "status")
    same = assignments.ReconcileAssignment(service.ReconcileAssignmentRequest(**team, backlog=backlog()), timeout=20)
    equal(len(same.differences), 0, "reconciled")
    replayed = assignments.ReplayAssignment(service.ReplayAssignmentRequest(**team, version=1), timeout=60)
    equal(list(replayed.differences), [], "replayed")
    erase = service.EraseTokenRequest(**team, etag="4", case_id="new")
    erased = assignments.EraseToken(erase, timeout=20)
    if not erased.tombstone or erased.version_count < 2:
        sys.exit(f"erased: {erased}")
    versions = assignments.ListAssignmentVersions(service.ListAssignmentVersionsRequest(**team), timeout=20).versions
    equal([entry.version for entry in versions], [5, 4, 3, 2, 1], "versions")
    refusal = refused(assignments.CloseCases, service.CloseCasesRequest(**team, etag="3", case_ids=["c1"]))
    equal((refusal[0], refusal[1].reason), (grpc.StatusCode.ABORTED, "ETAG_STALE"), "a stale etag")


def questions():
    """Managers' questions, about a backlog that is sent: nothing is kept."""
    about = planning_pb2.PlanningInput(team_id="never-kept", backlog=backlog())
    budget = planning_pb2.PlanningBudget(step_limit=200)
    ask = forecast_pb2.ForecastMissedDeadlinesRequest(input=about, budget=budget, week_count=4)
    forecast = planning.ForecastMissedDeadlines(ask, timeout=20).forecast
    equal((len(forecast.weeks), len(forecast.outlooks)), (4, 3), "forecast")
    ask = waves_pb2.PlanWavesRequest(input=about, budget=budget, intake_limit=1)
    plan = planning.PlanWaves(ask, timeout=20).plan
    equal((len(plan.weeks), plan.week_count_at_least, len(plan.never_case_ids)), (2, 2, 0), "waves")
    _, _, details = refused(planning.PlanWaves, waves_pb2.PlanWavesRequest(input=about, budget=budget))
    equal(details["BadRequest"].field_violations[0].field, "input.backlog.officers[0].intake_limit", "no limit")

    def scenario(name, **adjustment):
        return scenarios_pb2.Scenario(name=name, adjustments=[scenarios_pb2.Adjustment(**adjustment)])

    fewer = scenarios_pb2.OfficersLeave(officer_ids=["o1"])
    rules = struct_pb2.Struct()
    rules.update({"handover_limit": 0})
    scenarios = [scenario("o1 leaves", officers_leave=fewer), scenario("no handover", rules_change=rules)]
    ask = scenarios_pb2.EvaluateScenariosRequest(input=about, budget=budget, scenarios=scenarios)
    answers = list(planning.EvaluateScenarios(ask, timeout=20))
    equal([answer.HasField("position") for answer in answers], [False, True, True], "scenarios")
    equal({answer.result.officer_count for answer in answers}, {1, 2}, "officers of scenarios")
    scenarios[0].adjustments[0].officers_leave.officer_ids.append("nobody")
    ask = scenarios_pb2.EvaluateScenariosRequest(input=about, budget=budget, scenarios=scenarios)
    _, _, details = refused(lambda asked, **how: list(planning.EvaluateScenarios(asked, **how)), ask)
    path = "scenarios[0].adjustments[0].officers_leave[1]"
    equal(details["BadRequest"].field_violations[0].field, path, "an unknown leaver")
    gone = planning.DrillLeavers(leavers_pb2.DrillLeaversRequest(input=about, budget=budget, officer_ids=["o1"]), timeout=20)
    equal((gone.as_it_is.officer_count, gone.without_them.officer_count), (2, 1), "leavers")
    ask = handovers_pb2.PlanHandoversRequest(input=about, budget=budget, limits=[0])
    equal(len(planning.PlanHandovers(ask, timeout=20).frontier.steps), 1, "handovers")
    hires = staffing_pb2.HiresQuestion(profiles=[staffing_pb2.OfficerProfile(code="any")])
    ask = staffing_pb2.PlanStaffingRequest(input=about, budget=budget, hires=hires)
    found = planning.PlanStaffing(ask, timeout=20).hires
    equal((found.hire_count, found.hire_count_at_least, found.unfinished), (0, 0, ""), "staffing")


def bad_fields():
    def set_fields(part, position, **fields):
        def change(bad):
            entry = getattr(bad, part)[position]
            for name, value in fields.items():
                getattr(entry, name).extend(value) if isinstance(value, list) else setattr(entry, name, value)

        return change

    def both(bad):
        set_fields("cases", 0, weight_points=-1)(bad)
        set_fields("officers", 1, officer_id="o1")(bad)

    case = "backlog.cases[1]."
    check_bad("duplicate case", set_fields("cases", 1, case_id="c1"), case + "case_id")
    check_bad("duplicate officer", set_fields("officers", 1, officer_id="o1"), "backlog.officers[1].officer_id")
    check_bad("unknown officer", set_fields("cases", 1, current_officer_id="o9"), case + "current_officer_id")
    unknown = set_fields("officers", 0, supervisor_id="s9")
    check_bad("unknown supervisor", unknown, "backlog.officers[0].supervisor_id")
    barred = set_fields("cases", 1, required_officer_id="o1", barred_officer_ids=["o1"])
    check_bad("pin to a barred officer", barred, case + "required_officer_id")
    check_bad("negative", set_fields("cases", 1, weight_points=-1), case + "weight_points")
    check_bad("overflowing", set_fields("cases", 1, holding_price=2**63 - 1), case + "holding_price")
    check_bad("pupil number", set_fields("cases", 1, case_id="A123456789012"), case + "case_id")
    check_bad("bad date", set_fields("cases", 1, due_date="31/12/2026"), case + "due_date")
    check_bad("bad day", set_fields("cases", 1, waiting_since_date="2026-02-30"), case + "waiting_since_date")
    check_bad("two at once", both, "backlog.cases[0].weight_points", "backlog.officers[1].officer_id")


def other_refusals():
    code, info, details = refused(allocations.Allocate, request(team_id="Foreign"))
    equal((code, info.reason), (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS"), "team")
    equal(details["BadRequest"].field_violations[0].field, "team_id", "team")

    more = backlog()
    more.cases.add(case_id="c4")
    code, info, _ = refused(allocations.Allocate, request(backlog=more, commit=True, etag="7"))
    equal((code, info.reason), (grpc.StatusCode.ABORTED, "ETAG_STALE"), "stale etag")
    equal(info.metadata["current_etag"], "1", "the current etag")

    less = backlog()
    del less.cases[0]
    code, info, details = refused(allocations.Allocate, request(backlog=less, commit=True, etag="1"))
    equal((code, info.reason), (grpc.StatusCode.FAILED_PRECONDITION, "CASES_MISSING"), "missing case")
    equal([entry.subject for entry in details["PreconditionFailure"].violations], ["c1"], "missing case")

    named = allocation_service_pb2.GetAllocationRequest(team_id="foreign", allocation_id="never")
    code, info, details = refused(allocations.GetAllocation, named)
    equal((code, info.reason), (grpc.StatusCode.NOT_FOUND, "ALLOCATION_NOT_FOUND"), "unknown allocation")
    equal(details["ResourceInfo"].resource_name, "never", "unknown allocation")


def a_refusal_as_long_as_it_can_be():
    # This client's library drops what exceeds 8 KiB of trailers, so that any detail at all is the proof.
    bad = backlog()
    long = "\N{LATIN SMALL LETTER A WITH DIAERESIS}" * 2000
    for number in range(2000):
        bad.cases.add(case_id=f"x{number}", required_officer_id=long, due_date=long)
    code, info, details = refused(allocations.Allocate, request(backlog=bad))
    equal(code, grpc.StatusCode.INVALID_ARGUMENT, "long")
    equal(info.metadata["shown_count"], str(len(details["BadRequest"].field_violations)), "long")
    if int(info.metadata["violation_count"]) < 4000:
        sys.exit(f"long: only {info.metadata['violation_count']} violations were counted")


the_good_path()
from_day_to_day()
questions()
bad_fields()
other_refusals()
a_refusal_as_long_as_it_can_be()
print("ok")
