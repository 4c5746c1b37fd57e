"""What a run on this machine would stand on: versions, plugins, threads, memory, disk."""

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
    """One line: what was looked at, what was found, and whether that stands in the way of a run."""

    what: str
    found: str
    good: bool = True


def findings(registry: Registry, folder: Path, imports: bool = True) -> Iterator[Finding]:
    """Look at everything in turn; `imports` also loads every plugin, which takes seconds."""
    yield Finding("python", f"{platform.python_version()} on {platform.platform()}")
    for name, version in provenance.versions().items():
        if name != "python":
            yield Finding(name, version or "not installed", bool(version))
    yield Finding("sqlite", sqlite3.sqlite_version)
    yield Finding("processors", f"{limits.cores()} of {os.cpu_count()} usable: {provenance.machine()}")
    share = limits.share_of_memory(limits.cores())
    yield Finding(
        "memory", "unknown" if share is None else f"{share:.0f} MB for each of {limits.cores()} workers"
    )
    given = {name: os.environ[name] for name in THREAD_VARIABLES if name in os.environ}
    words = ", ".join(f"{name}={value}" for name, value in given.items()) or "not set"
    yield Finding("threads", f"1 a worker, whatever the environment says ({words})")
    yield Finding("gpu", _gpu() if imports else "not looked at")
    yield _disk(folder)
    yield from _plugins(registry, imports)


def _disk(folder: Path) -> Finding:
    place = folder.resolve()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    writable = os.access(place, os.W_OK)
    words = f"{free / 1e9:.1f} GB free in {folder}" + ("" if writable else ", which cannot be written")
    return Finding("disk", words, writable and free > LEAST_DISK)


def _gpu() -> str:
    import torch

    if not torch.cuda.is_available():
        return "none; everything runs on the processors"
    return f"{torch.cuda.get_device_name(0)}, used with --device cuda"


def _plugins(registry: Registry, imports: bool) -> Iterator[Finding]:
    for sort, table in (("method", registry.methods), ("dataset", registry.datasets)):
        yield Finding(f"{sort}s", f"{len(table)} read")
        for plugin in table.values() if imports else ():
            reason = _import_error(plugin)
            if reason:
                yield Finding(f"{sort} {plugin.name}", f"of {plugin.owner}, {plugin.path}: {reason}", False)
    for broken in registry.broken:
        yield Finding("plugin file", f"of {broken.owner}, {broken.path}: {broken.reason}", False)


def _import_error(plugin: Plugin) -> str:
    try:
        load(plugin)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a plugin may raise anything while it is imported
        return f"{type(error).__name__}: {error}"
    return ""
