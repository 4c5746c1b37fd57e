"""Resident memory: a peak per cell, and whole process trees."""

import os
import subprocess
import sys

import numpy as np
from recurbench.running import memory


def test_a_peak_counts_from_its_reset():
    assert memory.reset_peak() == "VmHWM, reset before the cell"
    start = memory.peak_mb()
    held = np.ones(40_000_000)
    del held
    assert memory.peak_mb() > start + 280
    memory.reset_peak()
    assert memory.peak_mb() < start + 100
    assert abs(memory.now_mb() - memory.peak_mb()) < 100


def test_a_tree_counts_children_and_threads():
    before, threads = memory.of_tree(os.getpid())
    code = "import threading, time\nx = bytearray(100_000_000)\nprint('up', flush=True)\n"
    code += "[threading.Thread(target=time.sleep, args=(60,), daemon=True).start() for _ in range(5)]\n"
    code += "print('threads', flush=True)\ntime.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        child.stdout.readline(), child.stdout.readline()
        after, more = memory.of_tree(os.getpid())
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    assert after > before + 90
    assert more >= threads + 6


def test_a_process_that_is_gone_takes_nothing():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert memory.of_tree(child.pid) == (0.0, 0)
