"""Methods that try to bring a run down, as the text of a plugin file, and how each must end."""

HOSTILE = '''
"""Methods that try to bring a run down."""

import ctypes
import itertools
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
from recurbench import method


def carried(task):
    return lambda split: [np.repeat(x[-1:, : task.y.size], task.steps, 0) for x in split.x]


@method("loops", family="baseline", kinds={"forecasting"})
def loops(task, train):
    """Loop forever in Python, deaf to polite signals."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        pass


@method("loops-in-c", family="baseline", kinds={"forecasting"})
def loops_in_c(task, train):
    """Loop forever in C, where Python sees no signal."""
    sum(itertools.repeat(1))


@method("sleeps", family="baseline", kinds={"forecasting"})
def sleeps(task, train):
    """Sleep for a week while predicting."""
    def predict(split):
        time.sleep(600_000)
    return predict


@method("segfaults", family="baseline", kinds={"forecasting"})
def segfaults(task, train):
    """Read address 0."""
    ctypes.string_at(0)


@method("exits", family="baseline", kinds={"forecasting"})
def exits(task, train):
    """Leave without a word."""
    os._exit(3)


@method("exits-politely", family="baseline", kinds={"forecasting"})
def exits_politely(task, train):
    """Raise SystemExit."""
    sys.exit("enough")


@method("kills-itself", family="baseline", kinds={"forecasting"})
def kills_itself(task, train):
    """As the kernel does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


@method("hoards", family="baseline", kinds={"forecasting"})
def hoards(task, train):
    """Take memory bit by bit."""
    held = []
    while True:
        held.append(np.ones(20_000_000))
        time.sleep(0.01)


@method("asks-too-much", family="baseline", kinds={"forecasting"})
def asks_too_much(task, train):
    """Ask for more than there is, at once."""
    return np.ones((1 << 45,))


@method("bombs", family="baseline", kinds={"forecasting"})
def bombs(task, train):
    """Start threads without end."""
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()


@method("closes-everything", family="baseline", kinds={"forecasting"})
def closes_everything(task, train):
    """Close every descriptor there is, the runner's too."""
    os.closerange(0, 200)
    return carried(task)


@method("leaves-children", family="baseline", kinds={"forecasting"})
def leaves_children(task, train):
    """Start a process that outlives the cell, then die."""
    subprocess.Popen(["sleep", "98765"])
    os._exit(4)


@method("closes-stdout", family="baseline", kinds={"forecasting"})
def closes_stdout(task, train):
    """Close standard output and error, and answer properly."""
    sys.stdout.close()
    sys.stderr = None
    return carried(task)


@method("meddles", family="baseline", kinds={"forecasting"})
def meddles(task, train):
    """Change what all cells of a worker share, and answer properly."""
    np.random.seed(1)
    np.seterr(all="raise")
    os.chdir("/")
    os.environ["OMP_NUM_THREADS"] = "7"
    threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
    return carried(task)
'''
ENDS = {
    "loops": ("timeout", "more than"),
    "loops-in-c": ("timeout", "more than"),
    "sleeps": ("timeout", "more than"),
    "segfaults": ("crashed", "SIGSEGV"),
    "exits": ("crashed", "exit code 3"),
    "exits-politely": ("failed", "SystemExit: enough"),
    "kills-itself": ("crashed", "SIGKILL"),
    "hoards": ("memory", "MB resident, limit"),
    "asks-too-much": ("memory", "MemoryError"),
    "bombs": ("crashed", "threads"),
    "closes-everything": ("crashed", "the worker ended with"),
    "leaves-children": ("crashed", "exit code 4"),
    "closes-stdout": ("ok", ""),
    "meddles": ("ok", ""),
}
GOOD = ("drift", "fourier-forest[trees=10]", "draws-globally")
GLOBAL = '''

@method("draws-globally", family="baseline", kinds={"forecasting"})
def draws_globally(task, train, *, seed=0):
    """Use the global generator, unseeded."""
    noise = np.random.normal(size=(task.steps, task.y.size))
    return lambda split: [x[-1:, : task.y.size] + noise for x in split.x]
'''
