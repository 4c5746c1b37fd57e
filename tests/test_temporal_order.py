"""Temporal order: places, labels, exact levels by enumeration, what shuffling takes away."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest
from recurbench.datasets.temporal_order import reached, temporal_order
from recurbench.metrics import score

ASKED = list(product(("order", "bag"), (False, True)))


def by_enumeration(window: int, length: int, label: str, shuffle: bool) -> float:
    """The best accuracy from the last `window` steps: every pair of symbols at every pair of steps."""
    first, second = range(length // 10, length // 5 + 1), range(length // 2, 6 * length // 10 + 1)
    places = list(product(first, second))
    if shuffle:
        places = [pair for one in combinations(range(length), 2) for pair in (one, one[::-1])]
    classes: dict[tuple, Counter] = {}
    for (t1, t2), (s1, s2) in product(places, product("AB", repeat=2)):
        steps = dict.fromkeys(range(length), ".") | {t1: s1, t2: s2}
        seen = tuple(steps[t] for t in range(length - window, length))
        truth = s1 + s2 if label == "order" else (s1 + s2).count("B")
        classes.setdefault(seen, Counter())[truth] += 1
    return sum(max(found.values()) for found in classes.values()) / (4 * len(places))


@pytest.mark.parametrize(("label", "shuffle"), ASKED)
@pytest.mark.parametrize("window", [0, 1, 4, 9, 16, 20])
def test_every_level_is_the_one_found_by_enumeration(label, shuffle, window):
    assert reached(window, 20, label, shuffle) == pytest.approx(by_enumeration(window, 20, label, shuffle))


@pytest.mark.parametrize(
    ("label", "shuffle", "constant", "best"),
    [
        ("order", False, 0.25, 1.0),
        ("order", True, 0.25, 0.75),
        ("bag", False, 0.5, 1.0),
        ("bag", True, 0.5, 1.0),
    ],
)
def test_shuffling_takes_a_quarter_from_the_order_and_nothing_from_the_bag(label, shuffle, constant, best):
    problem = temporal_order(label=label, shuffle=shuffle, n_train=1, n_valid=1, n_test=4000)
    about = problem.about
    assert about.constant == constant
    assert about.best == pytest.approx(best)
    found = score(problem.task, problem.test, problem.oracle).values["accuracy"]
    assert found == pytest.approx(best, abs=0.03 if best < 1 else 0)
    classes = np.bincount([y[0] for y in problem.test.y]) / 4000
    assert classes.max() == pytest.approx(constant, abs=0.03)


def test_one_symbol_of_each_range_and_the_label_says_which():
    problem = temporal_order(length=60, n_test=300)
    seen = set()
    for x, y in zip(problem.test.x, problem.test.y, strict=True):
        t1, t2 = np.flatnonzero(x >= 4)
        seen.add((t1, t2))
        assert y.tolist() == [2 * (x[t1] == 5) + (x[t2] == 5)]
        assert problem.task.y.names[y[0]] == "".join("AB"[x[t] - 4] for t in (t1, t2))
    firsts, seconds = ({pair[k] for pair in seen} for k in (0, 1))
    assert firsts == set(range(6, 13))
    assert seconds == set(range(30, 37))


def test_a_bag_counts_the_bs_and_shuffling_changes_places_alone():
    plain, bag, mixed = temporal_order(), temporal_order(label="bag"), temporal_order(shuffle=True)
    for x, y, count in zip(plain.test.x, plain.test.y, bag.test.y, strict=True):
        assert count[0] == (x == 5).sum() == bin(y[0]).count("1")
    for part in ("train", "test"):
        one, other = getattr(plain, part), getattr(mixed, part)
        assert all(np.array_equal(a, b) for a, b in zip(one.y, other.y, strict=True))
        assert all(np.array_equal(np.sort(a), np.sort(b)) for a, b in zip(one.x, other.x, strict=True))
        places = np.concatenate([np.flatnonzero(x >= 4) for x in other.x])
        assert (places > 40).mean() == pytest.approx(19 / 60, abs=0.06)


def test_windows_at_the_end_see_neither_symbol():
    about = temporal_order(n_train=1).about
    assert about.headroom == {"window_4": 0.0, "window_16": 0.0}
    assert about.role == "crossover"
    assert temporal_order(shuffle=True, n_train=1).about.headroom["window_16"] > 0.1


@pytest.mark.parametrize(
    ("dials", "seen"),
    [({"length": 9}, "length=9"), ({"label": "sum"}, "label='sum'"), ({"n_test": 0}, "n_test=0")],
)
def test_impossible_dials_are_refused(dials, seen):
    with pytest.raises(ValueError, match=f"order or bag.*{seen}"):
        temporal_order(**dials)
