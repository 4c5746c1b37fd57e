"""A score that others published, and the method and problem here that it can be compared with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """The score of a method on a problem, as printed in `source` with `digits` decimals.

    problem, method: addresses here, with the same data and split. named: name of the method in the source.
    spread: standard deviation over `runs` runs, if printed. unlike: how the published computation differs
    from ours, in English text that `reports/text/messages.toml` translates; "" if it is the same computation,
    so that the score must be the same. within: the relative difference that still counts as the same, where
    both minimise the same function by other means; 0: every printed digit must be the same. costly: whether
    our score takes many minutes.
    """

    problem: str
    method: str
    metric: str
    value: float
    source: str
    digits: int = 4
    named: str = ""
    spread: float | None = None
    runs: int = 1
    unlike: str = ""
    within: float = 0.0
    costly: bool = False

    def met_by(self, ours: float | None) -> bool:
        """Whether our score agrees: in every published digit, or within the relative difference allowed."""
        if ours is None:
            return False
        if self.within:
            return abs(ours - self.value) <= self.within * abs(self.value)
        return round(ours, self.digits) == round(self.value, self.digits)
