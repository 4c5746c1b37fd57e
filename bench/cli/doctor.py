"""What `recurbench doctor` prints about this machine: versions, plugins, threads, memory, disk."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recurbench import provenance
from recurbench.registry import Plugin, Registry, load
from recurbench.running import limits
from recurbench.running.pool import THREAD_VARIABLES

LEAST_DISK = 1e9  # bytes


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, what was found, and whether a run can work with it."""

    what: str
    result: str
    good: bool = True


def findings(registry: Registry, folder: Path, imports: bool = True) -> Iterator[Finding]:
    """Check one thing after the other. `imports` also loads every plugin, which takes seconds."""
    yield Finding("python", f"{platform.python_version()} on {platform.platform()}")
    for name, version in provenance.versions().items():
        if name != "python":
            yield Finding(name, version or "not installed", bool(version))
    yield Finding("sqlite", sqlite3.sqlite_version)
    yield Finding("processors", f"{limits.cores()} of {os.cpu_count()} can be used: {provenance.machine()}")
    share = limits.share_of_memory(limits.cores())
    yield Finding(
        "memory", "unknown" if share is None else f"{share:.0f} MB for each of {limits.cores()} workers"
    )
    variables = {name: os.environ[name] for name in THREAD_VARIABLES if name in os.environ}
    shown = ", ".join(f"{name}={value}" for name, value in variables.items()) or "none set"
    yield Finding("threads", f"1 per worker; environment variables are ignored ({shown})")
    yield Finding("gpu", _gpu() if imports else "not checked")
    yield _disk(folder)
    yield from _plugins(registry, imports)


def _disk(folder: Path) -> Finding:
    place = folder.resolve()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    writable = os.access(place, os.W_OK)
    result = f"{free / 1e9:.1f} GB free in {folder}" + ("" if writable else ", which cannot be written")
    return Finding("disk", result, writable and free > LEAST_DISK)


def _gpu() -> str:
    import torch

    if not torch.cuda.is_available():
        return "none; everything runs on the CPU"
    return f"{torch.cuda.get_device_name(0)}; use it with --device cuda"


def _plugins(registry: Registry, imports: bool) -> Iterator[Finding]:
    for sort, table in (("method", registry.methods), ("dataset", registry.datasets)):
        yield Finding(f"{sort}s", f"{len(table)} found")
        for plugin in table.values() if imports else ():
            reason = _import_error(plugin)
            if reason:
                yield Finding(f"{sort} {plugin.name}", f"from {plugin.owner}, {plugin.path}: {reason}", False)
    for broken in registry.broken:
        yield Finding("plugin file", f"from {broken.owner}, {broken.path}: {broken.reason}", False)


def _import_error(plugin: Plugin) -> str:
    try:
        load(plugin)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a plugin may raise anything while it is imported
        return f"{type(error).__name__}: {error}"
    return ""
