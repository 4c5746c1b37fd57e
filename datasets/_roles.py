"""What a probe is there for, by how far a short window comes: said once for all of them."""

from __future__ import annotations

from collections.abc import Mapping

# A control's 16-step window has at least this share of what the whole past has.
CONTROL = 0.98
# A probe that needs state keeps at least this share from it.
WITHHELD = 0.1


def shares(bottom: float, top: float, reached: Mapping[int, float], least: float = 0.0) -> dict[str, float]:
    """The share of the way from `bottom` to the exact best `top` that the best window of w steps reaches.

    reached: the level of that window by its steps w, in the same metric. A measured level may lie a hair
    above the best, hence the cap; where the way is at most `least` no window can be missing anything, so 1.
    """
    way = top - bottom
    return {
        f"window_{w}": min((level - bottom) / way, 1.0) if abs(way) > least else 1.0
        for w, level in reached.items()
    }


def role(headroom: Mapping[str, float], state: bool = False) -> str:
    """The prediction that a probe makes.

    "control": 16 steps have at least CONTROL of the way, so recurrence must not help. "positive": 16 steps
    leave at least WITHHELD of it, and by theory (`state`) no window is ever long enough. "crossover":
    otherwise, or where nobody knows what 16 steps reach; then it depends on the dials and on the rival.
    """
    share = headroom.get("window_16")
    if share is not None and share >= CONTROL:
        return "control"
    return "positive" if state and share is not None and share <= 1 - WITHHELD else "crossover"
