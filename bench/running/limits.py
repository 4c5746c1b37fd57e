"""What a cell may use: wall-clock seconds, memory and threads, read from what a user typed."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
SIZES = {"kb": 1e-3, "mb": 1.0, "gb": 1e3, "tb": 1e6, "kib": 1.024e-3, "mib": 1.048576, "gib": 1073.741824}
SHARE = 0.9  # of the machine's memory, all workers together


@dataclass(frozen=True)
class Limits:
    """seconds, memory_mb (of a worker with all its children, the interpreter included): None for no limit.

    threads: of BLAS, OpenMP, torch and numba in one worker. processes: threads and children a cell may start.
    """

    seconds: float | None = None
    memory_mb: float | None = None
    threads: int = 1
    processes: int = 256


def duration(text: str | float | None) -> float | None:
    """Seconds of 90, "90", "90s", "10m", "1.5h", "2d"; None, for no limit, of None and "none"."""
    if not isinstance(text, str):
        return None if text is None else float(text)
    return _quantity(text, UNITS, "s", "a time such as 90s, 10m or 2h")


def size(text: str) -> float | None:
    """Megabytes of "500MB", "2GB", "1.5GiB"; None for "none"."""
    return _quantity(text, SIZES, "mb", "a size such as 500MB or 2GB")


def _quantity(text: str, units: dict[str, float], plain: str, wanted: str) -> float | None:
    if text.strip().lower() == "none":
        return None
    match = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*([a-z]*)\s*", text.lower())
    unit = units.get(match.group(2) or plain) if match else None
    value = float(match.group(1)) * unit if match and unit else 0.0
    if value <= 0:
        raise ValueError(f"{text!r} is not {wanted}; write one, or none for no limit")
    return value


def share_of_memory(workers: int) -> float | None:
    """The memory limit of one of `workers` where none is given, MB; None where the system does not say."""
    info = Path("/proc/meminfo")
    if not info.exists():
        return None
    total = int(info.read_text().split("MemTotal:")[1].split()[0]) / 1024
    return total * SHARE / max(workers, 1)


def cores() -> int:
    """The processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
