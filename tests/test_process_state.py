"""What all code of a process shares: every change is seen, told and brought back."""

from __future__ import annotations

import decimal
import gc
import locale
import logging
import os
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn  # noqa: F401
import torch
from recurbench.isolation.process_state import SETTINGS, bring_back, differences, kept_state, settings

HANDLER = logging.NullHandler()
CHANGES: dict[str, Callable[[], object]] = {
    "the working folder to /": lambda: os.chdir("/"),
    "environment variables (MINE)": lambda: os.environ.update(MINE="1"),
    "numpy's error modes (over)": lambda: np.seterr(over="raise"),
    "numpy's printing (precision)": lambda: np.set_printoptions(precision=3),
    "sys.path (mine)": lambda: sys.path.insert(0, "mine"),
    "the recursion limit to 12345": lambda: sys.setrecursionlimit(12345),
    "the switch interval of threads to 0.5": lambda: sys.setswitchinterval(0.5),
    "the hooks of sys and threading": lambda: setattr(threading, "excepthook", print),
    "the standard streams": lambda: setattr(sys, "stdin", None),
    "the locale": lambda: locale.setlocale(locale.LC_ALL, "C.UTF-8" if _plain() else "C"),
    "the umask": lambda: os.umask(0o111),
    "the filters of warnings": lambda: warnings.filterwarnings("error", "mine"),
    "the decimal context": lambda: setattr(decimal.getcontext(), "prec", 3),
    "garbage collection": lambda: gc.set_threshold(1, 2, 3),
    "the handlers of signals (SIGALRM)": lambda: signal.signal(signal.SIGALRM, lambda *_: None),
    "running timers (ITIMER_PROF)": lambda: signal.setitimer(signal.ITIMER_PROF, 1_000),
    "the default timeout of sockets to 1.0": lambda: socket.setdefaulttimeout(1.0),
    "logging": lambda: logging.disable(logging.ERROR),
    "torch's default type to float64": lambda: torch.set_default_dtype(torch.float64),
    "torch's gradient mode to False": lambda: torch.set_grad_enabled(False),
    "numpy's buffer size to 32000": lambda: np.setbufsize(32_000),
    "the loggers of libraries (sklearn)": lambda: logging.getLogger("sklearn").setLevel(1),
    "the loggers of libraries (asyncio)": lambda: logging.getLogger("asyncio").addHandler(HANDLER),
    "joblib's configuration (n_jobs)": lambda: joblib.parallel_config(n_jobs=3),
    "torch's backends (cudnn.benchmark)": lambda: setattr(torch.backends.cudnn, "benchmark", True),
    "torch's backends (cudnn.deterministic)": lambda: setattr(torch.backends.cudnn, "deterministic", True),
    "torch's backends (cudnn.enabled)": lambda: setattr(torch.backends.cudnn, "enabled", False),
    "torch's backends (mkldnn.enabled)": lambda: setattr(torch.backends.mkldnn, "enabled", False),
    "torch's printing (precision)": lambda: torch.set_printoptions(precision=1),
    "pandas's options (display.precision)": lambda: pd.set_option("display.precision", 1),
}


def _plain() -> bool:
    return locale.setlocale(locale.LC_ALL) == "C"


@pytest.mark.parametrize("words", CHANGES)
def test_a_change_is_told_and_brought_back(words: str) -> None:
    before = settings()
    assert differences(before) == []
    try:
        CHANGES[words]()
        found = differences(before)
    finally:
        told = bring_back(before)
    assert len(found) == 1
    assert found[0].startswith(words)
    assert told == found
    assert differences(before) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda: sys.settrace(lambda *_: None),
        lambda: threading.settrace(lambda *_: None),
        lambda: threading.setprofile(lambda *_: None),
    ],
)
def test_a_hook_that_sees_every_call_is_told_and_taken_out(change: Callable[[], object]) -> None:
    before = settings()
    try:
        change()
        found = differences(before)
    finally:
        bring_back(before)
    assert found == ["the hooks of sys and threading"]
    assert differences(before) == []


def test_a_callback_of_the_collector_is_told_and_taken_out() -> None:
    before = settings()
    gc.callbacks.append(lambda *_: None)
    assert bring_back(before) == ["garbage collection"]
    assert differences(before) == []


def test_a_logger_that_a_library_adds_when_it_is_imported_is_no_change() -> None:
    before = settings()
    logging.getLogger("numpy.mine").setLevel(10)
    assert differences(before) == []


def test_a_change_inside_is_brought_back_when_an_error_passes(tmp_path: Path) -> None:
    here, before = Path.cwd(), settings()

    def act() -> None:
        os.chdir(tmp_path)
        sys.setrecursionlimit(9_999)
        raise KeyError

    with pytest.raises(KeyError), kept_state():
        act()
    assert Path.cwd() == here
    assert differences(before) == []


def test_the_names_of_settings_are_different_ones() -> None:
    assert len({one.name for one in SETTINGS}) == len(SETTINGS)
