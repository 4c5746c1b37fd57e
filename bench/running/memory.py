"""Resident memory of this process and of process trees, read from /proc (Linux)."""

from __future__ import annotations

import os
import resource
from pathlib import Path

PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


def reset_peak() -> str:
    """Start a new peak; returns how the peak is measured from here on."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return "ru_maxrss of the process so far"
    return "VmHWM, reset before the cell"


def now_mb() -> float:
    """Resident memory of this process."""
    return _status("VmRSS")


def peak_mb() -> float:
    """Peak resident memory since `reset_peak`."""
    return _status("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1.024e-3


def _status(name: str) -> float:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    line = next((line for line in lines if line.startswith(f"{name}:")), f"{name}: 0")
    return int(line.split()[1]) * 1.024e-3


def of_tree(pid: int) -> tuple[float, int]:
    """Resident megabytes and the number of threads of a process and all its descendants."""
    megabytes, threads = 0.0, 0
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        try:
            megabytes += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * PAGE_MB
            tasks = [task.name for task in Path(f"/proc/{one}/task").iterdir()]
        except (OSError, IndexError):
            continue
        threads += len(tasks)
        for task in tasks:
            try:
                waiting += map(int, Path(f"/proc/{one}/task/{task}/children").read_text().split())
            except OSError:
                continue
    return megabytes, threads
