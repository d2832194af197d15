"""The machine, in the words that a reader of figures needs; nothing that names it."""

import os
import platform
from pathlib import Path
from typing import Any


def proc_value(path: str, name: str) -> str | None:
    """The first value of that name in a file of /proc."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)


def machine() -> dict[str, Any]:
    """Cores that may be used, the processor's name, memory, and the system."""
    memory = proc_value("/proc/meminfo", "MemTotal")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cores": cores,
        "processor": proc_value("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "memory_gib": round(int(memory.split()[0]) / (1 << 20), 1) if memory else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def load_average() -> float:
    """How busy the machine has been in the last minute."""
    return round(os.getloadavg()[0], 2)
