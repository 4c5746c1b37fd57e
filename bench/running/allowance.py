"""A budget of CPU time while it is spent: what may still start, and how long it may take."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

GRACE = 0.1  # share of the budget beyond it in which running fits may end
LEAST = 5.0  # CPU seconds that a method may take on a problem in any case
IDLE = 10.0  # how many times that, in wall-clock seconds: a method that only waits uses no CPU time
TIMES = 5.0  # how many times its estimate a method may take; 1 of 10 estimates is too low by more than 2.7


@dataclass
class Allowance:
    """A budget, and what of it has been used.

    seconds: CPU seconds, all worker processes together, from their start. estimates: CPU seconds by key of a
    job's final cell. spare: keys of jobs that run only if CPU time is left at the end. used: CPU seconds so
    far; the executor keeps it up to date.
    """

    seconds: float
    estimates: Mapping[str, float] = field(default_factory=dict)
    spare: frozenset[str] = frozenset()
    used: float = 0.0

    @property
    def spent(self) -> bool:
        """Whether no fit may start any more."""
        return self.used >= self.seconds

    @property
    def over(self) -> bool:
        """Whether fits that still run must be stopped."""
        return self.used >= self.seconds * (1 + GRACE)

    def estimate(self, keys: Iterable[str]) -> float:
        """Estimated CPU seconds of jobs, 0 where there is no estimate."""
        return sum(self.estimates.get(key, 0.0) for key in keys)

    def reserved(self, keys: Iterable[str]) -> float:
        """Estimated CPU seconds of waiting jobs, without those that run only if some are left."""
        return self.estimate(key for key in keys if key not in self.spare)

    def may_start(self, keys: Iterable[str], running: float) -> bool:
        """Whether jobs are likely to end within the budget. running: what others are expected to use yet."""
        return not self.spent and self.used + running + self.estimate(keys) <= self.seconds * (1 + GRACE)

    def limit(self, keys: Iterable[str], waiting: float) -> float:
        """CPU seconds that jobs may take together, all their fits included.

        LEAST, or TIMES the estimate, or half of the CPU time that nothing else is expected to need, whichever
        is most. waiting: what all other jobs that run or wait are expected to use yet.
        """
        estimate = self.estimate(keys)
        return max(LEAST, TIMES * estimate, estimate + (self.seconds - self.used - waiting - estimate) / 2)


def tree_cpu_seconds(pid: int) -> float | None:
    """CPU seconds of a process, its descendants and the children they waited for; None if /proc lacks it."""
    ticks, found = 0, False
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        try:
            # The name of the program, in parentheses, may contain spaces.
            numbers = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, numbers[11:15]))
            found = True
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK") if found else None
