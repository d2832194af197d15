"""Runs one solver as a process of its own: killed some seconds after its limit, its memory read from the kernel."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOAD_SECONDS_MAX = 900.0
"""Most that a peer may take to read the instance and build its model."""

GRACE_SECONDS = 30.0
"""How long after its time limit a solver may still go on, writing its answer included: on 50,000 cases CP-SAT
looks at the clock 9 s too late."""

LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it used."""

    exit_code: int
    killed_for: str | None
    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int


def is_loaded(events: Path) -> bool:
    """Has the peer told that it has read its instance?"""
    try:
        return events.stat().st_size > 0
    except FileNotFoundError:
        return False


class Watch(threading.Thread):
    """Kills the process, with all that it started, when it goes on for too long."""

    def __init__(self, process: subprocess.Popen[bytes], time_limit: float, events: Path | None) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.time_limit = time_limit
        self.events = events
        self.killed_for: str | None = None
        self.is_over = threading.Event()

    def run(self) -> None:
        begin = time.monotonic()
        loaded = None
        while not self.is_over.wait(LOOK_SECONDS):
            now = time.monotonic()
            if self.events is not None and loaded is None and is_loaded(self.events):
                loaded = now
            if loaded is not None:
                limit, reason = loaded + self.time_limit + GRACE_SECONDS, "it went on after its time limit"
            elif self.events is not None:
                limit, reason = begin + LOAD_SECONDS_MAX, "it did not finish loading"
            else:
                limit = begin + LOAD_SECONDS_MAX + self.time_limit + GRACE_SECONDS
                reason = "it went on after its time limit"
            if now > limit:
                self.killed_for = reason
                kill(self.process)
                return


def kill(process: subprocess.Popen[bytes]) -> None:
    """The process, and all of its session."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(
    command: Sequence[str],
    *,
    time_limit: float,
    stdout: Path,
    stderr: Path,
    events: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Runs it to its end. `events` = the file whose first line says that loading is over, if it writes one.

    The peak is the largest of the process and of those it waited for. A child starts as a copy of this process, which
    therefore has to stay small: nothing that runs solvers may import numpy.
    """
    begin = time.monotonic()
    with stdout.open("wb") as out, stderr.open("wb") as err:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=dict(environment) if environment is not None else None,
            start_new_session=True,
        )
    watch = Watch(process, time_limit, events)
    watch.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        kill(process)
        process.wait()
        raise
    finally:
        watch.is_over.set()
    wall_seconds = time.monotonic() - begin
    watch.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    return Ended(
        exit_code=process.returncode,
        killed_for=watch.killed_for,
        wall_seconds=wall_seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_memory_bytes=usage.ru_maxrss * 1024,
    )
