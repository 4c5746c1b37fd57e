"""The scenarios of the simulated reports: edges of every word, mixed reports, pools, and truths for power."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from recurbench.reports.statistics.registered_rule import Outcome, Word
from simulated_contrasts import (
    Contrast,
    Noise,
    heavy,
    normal,
    rare,
    shared,
    solved,
    solved_shared,
    tail,
    unequal,
)

Means = tuple[float, float, float, float]  # of R, F, W and the twin


@dataclass(frozen=True)
class Scenario:
    """A report: its contrasts in turn, until there are enough."""

    name: str
    contrasts: tuple[Contrast, ...]


def graded(means: Means, predicted: Word, noise: Noise = normal) -> Contrast:
    """One method in each group, declared graded."""
    r, f, w, twin = means
    return Contrast((r,), (f,), (w,), twin, noise, Outcome.GRADED, predicted)


def all_or_nothing(rates: Means, predicted: Word, noise: Noise = solved) -> Contrast:
    """One method in each group, declared solved or lost."""
    return replace(graded(rates, predicted, noise), declared=Outcome.SOLVED)


def alone(contrasts: dict[str, Contrast]) -> list[Scenario]:
    """One report for each, of this contrast alone."""
    return [Scenario(name, (each,)) for name, each in contrasts.items()]


def under(noise: Noise, contrasts: dict[str, Contrast]) -> dict[str, Contrast]:
    """The same truths with another noise."""
    return {name: replace(each, noise=noise) for name, each in contrasts.items()}


# In each, a word is just not true and all else that it needs clearly holds.
EDGES = {
    "helps, R - F = d": graded((0.65, 0.6, 0.1, 0.1), Word.HELPS),
    "helps, R - W = d": graded((0.65, 0.1, 0.6, 0.1), Word.HELPS),
    "helps, R - twin = d": graded((0.65, 0.1, 0.1, 0.6), Word.HELPS),
    "hurts, F - R = d": graded((0.6, 0.65, 0.1, 0.1), Word.HURTS),
    "not needed, R - F = d": graded((0.65, 0.6, 0.9, 0.1), Word.NOT_NEEDED),
    "context, R - F = d": graded((0.65, 0.6, 0.1, 0.1), Word.CONTEXT),
    "context, R - W = d": graded((0.6, 0.59, 0.55, 0.1), Word.CONTEXT),
    "no difference, W - R = d": graded((0.6, 0.625, 0.65, 0.1), Word.NO_DIFFERENCE),
    "no difference, F - R = d": graded((0.6, 0.65, 0.625, 0.1), Word.NO_DIFFERENCE),
    "neither, R = .1": graded((0.1, 0.0, 0.0, 0.0), Word.NEITHER),
    "neither, hurts, context": graded((0.05, 0.1, 0.05, 0.0), Word.NEITHER),
    "all equal": graded((0.6, 0.6, 0.6, 0.6), Word.NO_DIFFERENCE),
}
TAILS = {
    f"exponential, {'RFW'[group]} {'up' if sign > 0 else 'down'}": tail(group, sign)
    for group in range(3)
    for sign in (-1, 1)
}
NOISES = {
    "normal": normal,
    "draw shared by methods": shared,
    "t with 3 degrees": heavy,
    "unequal widths": unequal,
    **TAILS,
}

RATES: dict[str, tuple[Means, Word]] = {
    ".5 / .5": ((0.5, 0.5, 0, 0), Word.HELPS),
    ".55 / .5": ((0.55, 0.5, 0, 0), Word.CONTEXT),
    ".5 / .55": ((0.5, 0.55, 0, 0), Word.HELPS),
    ".95 / .9": ((0.95, 0.9, 0, 0), Word.HURTS),
    ".9 / .95": ((0.9, 0.95, 0, 0), Word.HELPS),
    "1 / .95": ((1, 0.95, 0, 0), Word.HURTS),
    "1 / .75": ((1, 0.75, 0, 0), Word.CONTEXT),
    ".9 / .65": ((0.9, 0.65, 0, 0), Word.CONTEXT),
    ".65 / .9": ((0.65, 0.9, 0, 0), Word.NO_DIFFERENCE),
    "1 / 1 / .75": ((1, 1, 0.75, 0), Word.NO_DIFFERENCE),
    ".75 / .75 / .75": ((0.75, 0.75, 0.75, 0), Word.NO_DIFFERENCE),
    "1 / 1 / 1": ((1, 1, 1, 0), Word.HELPS),
    ".8 / 0 / .8": ((0.8, 0, 0.8, 0), Word.HELPS),
    "twin as good, .8": ((0.8, 0, 0, 0.8), Word.HELPS),
    ".1 / .05": ((0.1, 0.05, 0, 0.05), Word.NO_DIFFERENCE),
    ".15 / .1": ((0.15, 0.1, 0, 0.1), Word.NO_DIFFERENCE),
    ".25 / 0": ((0.25, 0, 0, 0), Word.NEITHER),
}
DECLARED = {name: all_or_nothing(*each) for name, each in RATES.items()}
UNDECLARED = {name: graded(means, word, solved) for name, (means, word) in RATES.items()}
PLAINLY = (".55 / .5", ".5 / .55", ".95 / .9", ".9 / .95", "1 / .95", "1 / .75", ".9 / .65")

EASY_SOLVED = (
    all_or_nothing((1, 0, 0, 0), Word.HELPS),
    all_or_nothing((0, 1, 0, 0), Word.HURTS),
    all_or_nothing((1, 1, 0, 0), Word.CONTEXT),
    all_or_nothing((1, 1, 1, 0), Word.NO_DIFFERENCE),
)
EASY_GRADED = (
    graded((0.8, 0.3, 0.3, 0.1), Word.HELPS),
    graded((0.3, 0.8, 0.3, 0.1), Word.HURTS),
    graded((0.6, 0.6, 0.1, 0.1), Word.CONTEXT),
    graded((0.6, 0.6, 0.6, 0.1), Word.NO_DIFFERENCE),
    graded((0.6, 0.6, 0.8, 0.1), Word.NOT_NEEDED),
)
HARD = {
    name: EDGES[name]
    for name in ("helps, R - F = d", "hurts, F - R = d", "context, R - W = d", "no difference, W - R = d")
}


def mixed(noise: Noise) -> list[Scenario]:
    """Reports with easy true words beside edges, of graded and of all-or-nothing problems."""
    hard = tuple(under(noise, HARD).values())
    easy = tuple(replace(each, noise=noise) for each in EASY_GRADED)
    lost = tuple(DECLARED[name] for name in ("1 / .75", "1 / 1 / .75", ".5 / .5", "twin as good, .8"))
    return [
        Scenario("7 easy, 7 edges, graded", _turns(easy, hard)),
        Scenario("7 easy (solved), 7 edges (graded)", _turns(EASY_SOLVED, hard)),
        Scenario("7 easy (graded), 7 edges (solved)", _turns(easy, lost)),
        Scenario("both kinds, easy and edges", _turns(_turns(EASY_SOLVED, easy), _turns(lost, hard))),
        *(Scenario(f"10 easy, 4 x {name}", (*easy, *easy, *([each] * 4))) for name, each in HARD.items()),
        *(
            Scenario(f"10 easy, 4 x {name}", (*EASY_SOLVED[:2] * 5, *([DECLARED[name]] * 4)))
            for name in RATES
        ),
    ]


def _turns(one: Iterable[Contrast], other: Iterable[Contrast]) -> tuple[Contrast, ...]:
    """Seven of each, one after the other."""
    first, second = (tuple(each) * 7 for each in (tuple(one), tuple(other)))
    return tuple(each for pair in zip(first[:7], second[:7], strict=True) for each in pair)


def pools(noise: Noise, outcome: Outcome, choice: str) -> list[Scenario]:
    """Four methods against four, one rival on the edge, or the best ones close to each other."""
    d = 0.05
    low = (0.1,) * 3 if outcome is Outcome.GRADED else (0.0,) * 3
    top = 0.6 if outcome is Outcome.GRADED else 0.8
    edge = top + d if outcome is Outcome.GRADED else top
    many = Contrast((edge,) * 4, (top, *low), (0.0, 0.0), 0.0, noise, outcome, Word.HELPS, choice)
    close = (edge, edge - 0.01, top, top - d)
    spread = replace(many, recurrent=close, full=(top, top - 0.01, top - d, 0.1))
    lost = replace(many, recurrent=(top, *low), full=(edge,) * 4, predicted=Word.HURTS)
    needless = replace(many, recurrent=(edge, *low), full=(top,) * 4, predicted=Word.CONTEXT)
    return [
        Scenario("helps, one equal rival", (many,)),
        Scenario("hurts, one equal rival", (lost,)),
        Scenario("context, one equal rival", (needless,)),
        Scenario("close methods", (spread,)),
        Scenario("close methods, no difference", (replace(spread, predicted=Word.NO_DIFFERENCE),)),
    ]


GRADED = {
    **{name: alone(under(noise, EDGES)) for name, noise in NOISES.items()},
    "edges in turn, normal": [Scenario("edges in turn", tuple(EDGES.values()))],
    "edges in turn, R down": [Scenario("edges in turn, R down", tuple(under(tail(0, -1), EDGES).values()))],
    "edges in turn, normal, sd .1": [
        Scenario("edges in turn, sd .1", tuple(replace(each, scale=0.1) for each in EDGES.values()))
    ],
    "mixed truth, normal": mixed(normal),
    "mixed truth, R down": mixed(tail(0, -1)),
    "mixed truth, W up": mixed(tail(2, 1)),
    "4 v 4, normal": pools(normal, Outcome.GRADED, "true"),
    "4 v 4, R down": pools(tail(0, -1), Outcome.GRADED, "true"),
    "4 v 4, F up": pools(tail(1, 1), Outcome.GRADED, "true"),
    "4 v 4, normal, 3 pilots": pools(normal, Outcome.GRADED, "pilot"),
    "4 v 4, R down, 3 pilots": pools(tail(0, -1), Outcome.GRADED, "pilot"),
    "4 v 4, normal, badly chosen": pools(normal, Outcome.GRADED, "worst"),
    "10 % of the fits of R .3 off": alone(under(rare, EDGES)),
}
SOLVED = {
    "declared": alone(DECLARED),
    "declared, draw shared": alone(under(solved_shared, DECLARED)),
    "declared, in turn": [Scenario("declared in turn", tuple(DECLARED.values()))],
    "declared, 4 v 4": pools(solved, Outcome.SOLVED, "true"),
    "declared, 4 v 4, 3 pilots": pools(solved, Outcome.SOLVED, "pilot"),
    "declared, 4 v 4, badly chosen": pools(solved, Outcome.SOLVED, "worst"),
    **{f"declared, {name}": alone({name: DECLARED[name]}) for name in PLAINLY},
    **{f"undeclared, {name}": alone({name: UNDECLARED[name]}) for name in PLAINLY},
}
NEITHER = [
    *(
        Scenario(f"graded, R {mean}, F 0", (graded((mean, 0, 0, 0), Word.NEITHER),))
        for mean in (0.1, 0.11, 0.12)
    ),
    *(
        Scenario(f"all or nothing, R solves {rate}, F 0", (all_or_nothing((rate, 0, 0, 0), Word.NEITHER),))
        for rate in (0.1, 0.15, 0.25)
    ),
]


def _power() -> dict[str, Contrast]:
    """By truth the contrast of 4 recurrent, 4 full-context and 2 window-limited methods."""
    exact = Contrast((1,) * 4, (0,) * 4, (0,) * 2, 0, solved, Outcome.SOLVED, Word.HELPS)
    found = {
        "helps, 1 v 0": exact,
        "helps, .8 v 0": replace(exact, recurrent=(0.8,) * 4),
        "helps, 1 v .2": replace(exact, full=(0.2,) * 4, window=(0.2,) * 2),
        "helps, 1 v .5": replace(exact, full=(0.5,) * 4, window=(0.5,) * 2),
        "helps, R 1, 1, .8, 0 v 0": replace(exact, recurrent=(1, 1, 0.8, 0)),
        "hurts, 1 v 0": replace(exact, recurrent=(0,) * 4, full=(1,) * 4, predicted=Word.HURTS),
        "hurts, 1 v .5": replace(exact, recurrent=(0.5,) * 4, full=(1,) * 4, predicted=Word.HURTS),
    }
    for rate in (1, 0.98, 0.95):
        both = replace(exact, recurrent=(rate,) * 4, full=(rate,) * 4, predicted=Word.CONTEXT)
        found[f"context helps, all {rate}, W 0"] = both
        found[f"not needed, R .5, F {rate}, W .5"] = replace(
            both, recurrent=(0.5,) * 4, window=(0.5,) * 2, predicted=Word.NOT_NEEDED
        )
        found[f"no difference, all {rate}"] = replace(both, window=(rate,) * 2, predicted=Word.NO_DIFFERENCE)
    for rate in (0, 0.01):
        none = replace(exact, recurrent=(rate,) * 4, full=(rate,) * 4, predicted=Word.NEITHER)
        found[f"neither learned, all {rate}"] = none
    found = {name: replace(each, choice="pilot") for name, each in found.items()}
    level = Contrast((0.6,) * 4, (0.6,) * 4, (0.6,) * 2, 0, normal, Outcome.GRADED, Word.HELPS)
    for scale in (0.02, 0.028, 0.04, 0.08):
        for by in (0.1, 0.2):
            high, low = (0.6 + by,) * 4, (0.6,) * 4
            for word, truth in (
                (Word.HELPS, replace(level, recurrent=high)),
                (Word.HURTS, replace(level, full=high)),
                (Word.CONTEXT, replace(level, recurrent=high, full=high)),
            ):
                assert truth.window == low[:2]
                found[f"{word} by {by}, sd {scale}"] = replace(
                    truth, predicted=word, scale=scale, choice="pilot"
                )
        for word, window in ((Word.NO_DIFFERENCE, 0.6), (Word.NOT_NEEDED, 0.8)):
            found[f"{word}, sd {scale}"] = replace(
                level, window=(window,) * 2, predicted=word, scale=scale, choice="pilot"
            )
        found[f"{Word.NEITHER}, all 0, sd {scale}"] = replace(
            level,
            recurrent=(0,) * 4,
            full=(0,) * 4,
            window=(0,) * 2,
            predicted=Word.NEITHER,
            scale=scale,
            choice="pilot",
        )
    return found


POWERS = _power()
