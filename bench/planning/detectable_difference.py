"""What difference of skill a run on one's own series can detect, from two cheap methods on validation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from recurbench import metrics
from recurbench.registry import discover, load
from recurbench.reports.statistics.constants import MARGIN
from recurbench.reports.statistics.detectable import Detectable, detectable
from recurbench.reports.statistics.long_run import Floats, Origins
from recurbench.reports.statistics.origin_layout import layout_of, origins_needed
from recurbench.running.cell import parts
from recurbench.running.job import Job, build
from recurbench.running.problem_cache import describe
from recurbench.task import Problem, Split

CHEAP = ("theta", "seasonal-naive")  # the second is the reference method of one's own series


def detectable_lines(jobs: Sequence[Job]) -> Iterator[str]:
    """One sentence per file of the user's own with one series, or with a few: what its test part can show."""
    own = {job.dataset.address: job.dataset for job in jobs if job.dataset.plugin.name == "csv"}
    for choice in own.values():
        problem = build(choice, None)
        facts, _ = describe(problem)
        layout = layout_of(facts)
        if layout is not None:
            yield sentence(layout.origins, difference_of(problem, layout.origins))


def difference_of(problem: Problem, planned: Origins) -> Detectable | None:
    """What the test part of a problem can detect, by the losses of two cheap methods on validation.

    None if the validation part is too short, or its series have unequal numbers of origins.
    """
    fit, check = parts(problem, 0)
    at = [len(x) for x, name in zip(check.x, check.series, strict=True) if name == check.series[0]]
    if not at or len(check) % len(at):
        return None
    theta, naive = (_losses(problem, name, fit, check).reshape(-1, len(at)) for name in CHEAP)
    # The series of a file are averaged at each of their origins.
    undefined = ~np.isfinite(theta + naive)
    some = ~undefined.all(axis=0)  # an origin is left out if no series has a value there
    if not some.any():
        return None
    one, other = (np.nanmean(np.where(undefined, np.nan, each)[:, some], axis=0) for each in (theta, naive))
    step = at[1] - at[0] if len(at) > 1 else problem.task.steps
    return detectable(one, other, other, Origins(int(some.sum()), step, problem.task.steps), planned)


def _losses(problem: Problem, name: str, fit: Split, check: Split) -> Floats:
    """[n]: the losses of a method without settings at the validation origins."""
    answers = load(discover().methods[name])(problem.task, fit)(check.blind())
    found: Floats = metrics.score(problem.task, check, answers).units[problem.about.metric]
    return found


def sentence(planned: Origins, found: Detectable | None) -> str:
    """What the test part can show, and which options make that finer."""
    windows = f"the test part holds {planned.windows} independent windows of {planned.horizon} steps"
    if found is None:
        return (
            f"{windows}; what difference can be detected is not known, because the validation part is too "
            "short, or its series have unequal numbers of origins"
        )
    if found.half is None:
        more = origins_needed(planned)
        return f"{windows}, too few for a verdict; use --origins {more.count}, or a shorter --horizon"
    shown = f"{windows}: a difference of skill above about {found.half:.2f} can be detected"
    if found.half <= MARGIN:
        return shown
    if found.enough is None:
        return f"{shown}; for {MARGIN:g} use more series or a shorter --horizon"
    return f"{shown}; for {MARGIN:g} use --origins {found.enough.count}, more series or a shorter --horizon"
