"""What a budget buys and what of it was used, in words: the lines that `plan` and `run` print."""

from __future__ import annotations

from recurbench.durations import spelled
from recurbench.left_out import REASONS
from recurbench.planning.budget import FILL, START, Bid, Purchase
from recurbench.planning.levels import Level
from recurbench.running.runner import Tally

SAID = dict(
    zip(
        REASONS,
        (
            "not run: too much for the budget",
            "not run: budget spent",
            "stopped: budget spent, or far more than the estimate",
            "run with fewer seeds: budget spent",
        ),
        strict=True,
    )
)


def described(bought: Purchase, workers: int) -> list[str]:
    """The lines of `plan` and `run` for a budget: what is in, what is left out and why."""
    width = max(len(bid.name) for bid in bought.bids)
    lines = [
        f"Budget: {spelled(bought.seconds)}. Planned: {spelled(bought.planned)} for {_level(bought)}, and "
        f"{spelled(START * max(workers, 1))} to start the workers. "
        f"{round(100 * (1 - FILL))} % of the budget is kept in reserve.",
        f"  {bought.what:<{width}}  estimate",
    ]
    lines += [f"  {bid.name:<{width}}  {_estimate(bid)}" for bid in bought.bids if bid.left is None]
    if out := [f"{bid.name} ({_estimate(bid)})" for bid in bought.bids if bid.left is not None]:
        after = "; run at the end, in this order, if CPU time is left" if bought.reserve else ""
        lines.append(f"Too expensive for the plan{after}: {', '.join(out)}.")
    lines.append(f"8 of 10 estimates are within a factor of {bought.factor:.1f}.")
    if bought.further is not None:
        level, seconds = bought.further
        lines.append(f"{_times(level)} for the same {bought.what}s would take about {spelled(seconds)}.")
    elif all(bid.left is None for bid in bought.bids):
        lines.append("A larger budget buys nothing more.")
    return lines


def _estimate(bid: Bid) -> str:
    return spelled(bid.seconds) if bid.seconds else "stored, or no measurable time"


def _level(bought: Purchase) -> str:
    count = sum(bid.left is None for bid in bought.bids)
    named = f"{count} of {len(bought.bids)} {bought.what}s"
    return named if bought.what == "problem" else f"{named}, {_times(bought.level)}"


def _times(level: Level) -> str:
    seeds = "1 seed" if level.seeds == 1 else f"{level.seeds} seeds"
    return f"{seeds} and {'1 trial' if level.trials == 1 else f'{level.trials} trials'}"


def account(bought: Purchase, tally: Tally) -> list[str]:
    """The lines after a run: how much of the budget was used, and what was not run."""
    lines = [
        f"Used {spelled(tally.used or 0.0)} of the budget of {spelled(bought.seconds)} "
        "(start of the workers, imports and all fits; the plan and the report are not counted)"
    ]
    by_reason: dict[str, dict[str, None]] = {why: {} for why in SAID}
    for (problem, method), why in bought.without(tally.not_run).items():
        by_reason[why][method if bought.what == "method" else problem] = None
    lines += [f"{SAID[why]}: {', '.join(names)}" for why, names in by_reason.items() if names]
    if tally.not_run:
        lines.append("The same command with a larger budget continues.")
    return lines
