"""The role of a synthetic task, decided by what a short window reaches."""

from __future__ import annotations

from collections.abc import Mapping

# In a control a window of 16 steps reaches at least this share of the way to the exact best.
CONTROL = 0.98
# In a task that needs a state it misses at least this share.
WITHHELD = 0.1


def shares(bottom: float, top: float, reached: Mapping[int, float], least: float = 0.0) -> dict[str, float]:
    """How far windows get from `bottom`, the memoryless answer, to `top`, the exact best.

    Parameters
    ----------
    bottom, top : float
        In the metric of the task.
    reached : mapping of int to float
        The level of the best answer from a window of w steps, in the same metric.
    least : float
        If `top` and `bottom` differ by no more, the shares are 1.

    Returns
    -------
    dict
        `window_w`: the share of the way, at most 1, because a measured level may exceed the best slightly.
    """
    way = top - bottom
    return {
        f"window_{w}": min((level - bottom) / way, 1.0) if abs(way) > least else 1.0
        for w, level in reached.items()
    }


def role(headroom: Mapping[str, float], state: bool = False) -> str:
    """The role of a synthetic task; see the glossary.

    Parameters
    ----------
    headroom : mapping
        What windows reach, as from `shares`.
    state : bool
        Whether in theory no window is long enough.

    Returns
    -------
    str
        "control": 16 steps reach at least CONTROL, so recurrence must not help. "positive": 16 steps miss at
        least WITHHELD, and no window is long enough. "crossover": otherwise, or if it is unknown what 16
        steps reach.
    """
    share = headroom.get("window_16")
    if share is not None and share >= CONTROL:
        return "control"
    return "positive" if state and share is not None and share <= 1 - WITHHELD else "crossover"
