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

import numpy as np
import pandas as pd
import pytest
import torch
from recurbench.process_state import SETTINGS, bring_back, differences, kept_state, settings

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
