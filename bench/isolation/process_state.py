"""Settings that all code of a process shares and a method could change: read, compared and set back.

The worker, `--jobs 0` and `recurbench check` use this one list. Replaced functions and classes are found in
`replaced`. Global random generators are seeded anew for each cell. Only the checks watch files.
"""

from __future__ import annotations

import decimal
import gc
import locale
import logging
import multiprocessing
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from recurbench import plugin_files
from recurbench.isolation.library_settings import LIBRARIES, Setting

Values = dict[str, Any]
"""The value of every setting, by its name."""


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109  (text can be compared and sent)
    except FileNotFoundError:
        return None


def _put_environment(values: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(values)
    time.tzset()


def _search_path() -> list[str]:
    """`sys.path` without the folders of plugin files, which their import adds at its end."""
    return [place for place in sys.path if not plugin_files.added(place)]


def _put_search_path(places: list[str]) -> None:
    sys.path[:] = [*places, *(place for place in sys.path if plugin_files.added(place))]


def _put_filters(filters: list[Any]) -> None:
    warnings.resetwarnings()  # tells the caches of warnings that the filters are new
    warnings.filters[:] = filters  # type: ignore[index]


CONTEXT = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")


def _decimal() -> tuple[Any, ...]:
    """The context of decimal numbers, without the flags that every calculation raises."""
    context = decimal.getcontext()
    return (*(getattr(context, name) for name in CONTEXT), dict(context.traps))


def _put_decimal(value: tuple[Any, ...]) -> None:
    context = decimal.getcontext()
    for name, each in zip(CONTEXT, value, strict=False):
        setattr(context, name, each)
    context.traps.update(value[-1])


def _collector() -> tuple[Any, ...]:
    return gc.isenabled(), gc.get_threshold(), gc.get_debug(), list(gc.callbacks)


def _put_collector(value: tuple[Any, ...]) -> None:
    on, thresholds, debug, callbacks = value
    (gc.enable if on else gc.disable)()
    gc.set_threshold(*thresholds)
    gc.set_debug(debug)
    gc.callbacks[:] = callbacks


SIGNALS = ("HUP", "INT", "USR1", "USR2", "PIPE", "ALRM", "TERM", "CHLD", "VTALRM", "PROF", "SEGV", "FPE")
TIMERS = {"ITIMER_REAL": signal.ITIMER_REAL, "ITIMER_VIRTUAL": signal.ITIMER_VIRTUAL}
TIMERS["ITIMER_PROF"] = signal.ITIMER_PROF


def _handlers() -> dict[str, Any]:
    return {f"SIG{name}": signal.getsignal(getattr(signal, f"SIG{name}")) for name in SIGNALS}


def _put_handlers(handlers: Mapping[str, Any]) -> None:
    for name, handler in handlers.items():
        number = getattr(signal, name)
        if handler is not None and signal.getsignal(number) != handler:
            signal.signal(number, handler)


def _timers() -> list[str]:
    """The timers that run, `signal.alarm` among them."""
    return [name for name, number in TIMERS.items() if signal.getitimer(number)[0]]


def _put_timers(running: list[str]) -> None:
    for name, number in TIMERS.items():
        if name not in running:
            signal.setitimer(number, 0)


LIMITS = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_DATA, resource.RLIMIT_STACK)


def _put_limits(limits: tuple[tuple[int, int], ...]) -> None:
    for which, pair in zip(LIMITS, limits, strict=True):
        resource.setrlimit(which, pair)


def _locale() -> str:
    return locale.setlocale(locale.LC_ALL)


def _put_locale(name: str) -> None:
    locale.setlocale(locale.LC_ALL, name)


def _umask() -> int:
    value = os.umask(0o077)
    os.umask(value)
    return value


def _hooks() -> tuple[Any, ...]:
    watching = sys.getprofile(), sys.gettrace(), threading.getprofile(), threading.gettrace()
    return sys.excepthook, sys.displayhook, sys.unraisablehook, threading.excepthook, *watching


def _put_hooks(hooks: tuple[Any, ...]) -> None:
    sys.excepthook, sys.displayhook, sys.unraisablehook, threading.excepthook, *watching = hooks
    puts = sys.setprofile, sys.settrace, threading.setprofile, threading.settrace
    for put, hook in zip(puts, watching, strict=True):
        put(hook)


def _put_streams(streams: tuple[Any, Any, Any]) -> None:
    sys.stdin, sys.stdout, sys.stderr = streams


def _logs() -> tuple[int, int, list[Any]]:
    return logging.root.level, logging.root.manager.disable, list(logging.root.handlers)


def _put_logs(value: tuple[int, int, list[Any]]) -> None:
    logging.root.setLevel(value[0])
    logging.disable(value[1])
    logging.root.handlers[:] = value[2]


def _processors() -> frozenset[int]:
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()


def _put_processors(processors: frozenset[int]) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, processors)


def _start_method() -> str:
    # None before its first use, and then the default.
    return multiprocessing.get_start_method(allow_none=True) or multiprocessing.get_all_start_methods()[0]


def _put_start_method(name: str) -> None:
    multiprocessing.set_start_method(name, force=True)


def _starts_alike(before: list[Any], now: list[Any]) -> bool:
    """Whether nothing was put in front of the earlier entries; an entry behind them is asked last."""
    return now[: len(before)] == before


SETTINGS = (
    Setting("the working folder", _folder, os.chdir),
    Setting("numpy's error modes", np.geterr, lambda value: np.seterr(**value)),
    Setting("numpy's printing", np.get_printoptions, lambda value: np.set_printoptions(**value)),
    Setting("numpy's buffer size", np.getbufsize, np.setbufsize),
    Setting("sys.path", _search_path, _put_search_path),
    Setting("sys.meta_path", lambda: list(sys.meta_path), None, same=_starts_alike),
    Setting("sys.path_hooks", lambda: list(sys.path_hooks), None, same=_starts_alike),
    Setting("the recursion limit", sys.getrecursionlimit, sys.setrecursionlimit),
    Setting("the switch interval of threads", sys.getswitchinterval, sys.setswitchinterval),
    Setting("the longest number as text", sys.get_int_max_str_digits, sys.set_int_max_str_digits),
    Setting("the hooks of sys and threading", _hooks, _put_hooks),
    Setting("the standard streams", lambda: (sys.stdin, sys.stdout, sys.stderr), _put_streams),
    Setting("the locale", _locale, _put_locale),
    Setting("the umask", _umask, os.umask),
    Setting("the filters of warnings", lambda: list(warnings.filters), _put_filters),
    Setting("the decimal context", _decimal, _put_decimal),
    Setting("garbage collection", _collector, _put_collector),
    Setting("the handlers of signals", _handlers, _put_handlers),
    Setting("blocked signals", lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ()), None),
    Setting("running timers", _timers, _put_timers),
    Setting("the default timeout of sockets", socket.getdefaulttimeout, socket.setdefaulttimeout),
    Setting("the temporary folder", tempfile.gettempdir, lambda value: setattr(tempfile, "tempdir", value)),
    Setting("logging", _logs, _put_logs),
    Setting("limits of the process", lambda: tuple(map(resource.getrlimit, LIMITS)), _put_limits),
    Setting("the usable processors", _processors, _put_processors),
    Setting("the start method of multiprocessing", _start_method, _put_start_method),
    Setting("the priority of the process", lambda: os.nice(0), None),
    *LIBRARIES,
    # Last, because setting torch's settings may set environment variables.
    Setting("environment variables", lambda: dict(os.environ), _put_environment),
    Setting("the time zone", lambda: time.tzname, lambda _: time.tzset()),
)


def settings() -> Values:
    """The value of every setting now, without the settings of modules that are not imported."""
    return {one.name: one.get() for one in SETTINGS if not one.module or one.module in sys.modules}


def differences(before: Values) -> list[str]:
    """The settings that have changed, in words: "the recursion limit to 10000"."""
    return [words for _, words in _changed(before)]


def bring_back(before: Values) -> list[str]:
    """Set every setting back; returns the settings that had changed, in words.

    The settings of a module imported since then get the values that the module starts with, where known.
    """
    changed = _changed(before)
    for setting, _ in changed:
        if setting.put is not None:
            with suppress(OSError, ValueError, RuntimeError):  # the caller compares once more
                setting.put(before.get(setting.name, setting.starts))
    return [words for _, words in changed]


def _changed(before: Values) -> list[tuple[Setting, str]]:
    found = []
    for setting in SETTINGS:
        if setting.module and setting.module not in sys.modules:
            continue
        was, now = before.get(setting.name, setting.starts), setting.get()
        known = setting.name in before or setting.starts is not None
        if known and not setting.same(was, now):
            found.append((setting, f"{setting.name}{_to(was, now)}"))
    return found


def _to(was: Any, now: Any) -> str:
    """The new value of a setting if it is short; for a setting of several values, the names that changed."""
    if isinstance(was, dict) and isinstance(now, dict):
        names = [str(name) for name in {**was, **now} if was.get(name, was) != now.get(name, was)]
        return f" ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})"
    if isinstance(now, list) and all(isinstance(each, str) for each in now):
        now = ", ".join(each for each in now if each not in was)
        return f" ({now[:80]})" if now else ""
    return f" to {now}" if isinstance(now, bool | int | float | str) and len(str(now)) < 80 else ""


@contextmanager
def kept_state() -> Iterator[None]:
    """Set back at the end what is changed inside."""
    before = settings()
    try:
        yield
    finally:
        bring_back(before)
