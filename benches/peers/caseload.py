"""The `caseload` program: what it can do, and how it is called."""

import re
import subprocess
from functools import cached_property
from hashlib import sha256
from pathlib import Path


class Failed(RuntimeError):
    """A call of caseload that should have worked did not."""


class Caseload:
    """One binary."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def call(self, *arguments: str, timeout: float = 1800.0) -> str:
        """Standard output of a call that must end well."""
        ended = self.ended(*arguments, timeout=timeout)
        if ended.returncode != 0:
            raise Failed(f"caseload {' '.join(arguments[:2])}: {(ended.stderr or ended.stdout).strip()}")
        return ended.stdout

    def ended(self, *arguments: str, timeout: float = 1800.0) -> subprocess.CompletedProcess[str]:
        """The ended call, well or not."""
        return subprocess.run(
            [str(self.path), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout
        )

    def has(self, command: str, option: str) -> bool:
        """Does the command's help name this option?"""
        if command not in self.helps:
            self.helps[command] = self.ended(*command.split(), "--help").stdout
        return re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", self.helps[command]) is not None

    @cached_property
    def helps(self) -> dict[str, str]:
        return {}

    @cached_property
    def version(self) -> str:
        """Name and number, and the beginning of the binary's digest: a number alone does not tell two builds apart."""
        digest = sha256(self.path.read_bytes()).hexdigest()[:12]
        return f"{self.call('--version').strip().removeprefix('caseload ')} (binary {digest})"

    @cached_property
    def has_export(self) -> bool:
        return self.ended("export", "mps", "--help").returncode == 0

    @property
    def has_gap(self) -> bool:
        return self.has("allocate", "--format") and self.has("check", "--format")

    @property
    def has_trace(self) -> bool:
        return self.has("allocate", "--trace")
