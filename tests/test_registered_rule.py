"""The rule of the second registration: exact values, stopping, precedence, refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench.reports.statistics.registered_rule import (
    ABSENCE,
    CLAIMS,
    Columns,
    Outcome,
    Secondary,
    Word,
    able,
    ahead,
    beat,
    claims_of,
    counted,
    difference,
    look,
    mixes,
    ruling,
    secondary,
    unable,
    unseen,
    word_of,
)
from scipy import stats
from scripts import script

# r0 r1 | f0 f1 | w0 | twin
AT = Columns((0, 1), (2, 3), (4,), 0, 2, 4, 0, 5)
M = 14


def same(rates: list[float], n: int = 30) -> np.ndarray:
    return np.tile(rates, (n, 1)).astype(float)


def noisy(means: list[float], n: int = 30, width: float = 0.01) -> np.ndarray:
    return np.array(means) + width * np.random.default_rng(0).standard_normal((n, len(means)))


def test_beat_is_the_sign_test_of_the_replicates_that_one_alone_solved() -> None:
    a, b = np.array([1, 1, 1, 0, 0.9, 0]), np.array([0, 0, 0, 1, 0.95, 0.89])
    assert beat(a, b) == pytest.approx(5 / 16)  # 3 of 4
    assert beat(a, b) == pytest.approx(stats.binomtest(3, 4, 0.5, "greater").pvalue)
    assert beat(b, a) == pytest.approx(15 / 16)
    assert beat(a, a) == 1
    at_the_bound, below = np.full(12, 0.9), np.full(12, 0.899)
    assert beat(at_the_bound, below) == pytest.approx(1 / 2**12)
    assert beat(below, at_the_bound) == able(below) == 1
    assert able(at_the_bound) == pytest.approx(0.75**12)


def test_able_is_the_exact_binomial_against_three_quarters() -> None:
    assert able(np.ones(30)) == pytest.approx(0.75**30)
    assert able(np.array([1.0] * 27 + [0.0] * 3)) == pytest.approx(
        stats.binomtest(27, 30, 0.75, "greater").pvalue
    )
    assert able(np.zeros(5)) == 1


def test_ahead_is_the_larger_of_t_and_t_with_one_worse_replicate() -> None:
    a = np.array([0.2, 0.3, 0.25, 0.1])
    plain = stats.ttest_1samp(a, 0.05, alternative="greater").pvalue
    worse = a.mean() - 2 * (a.mean() - a.min())
    guard = stats.ttest_1samp([*a, worse], 0.05, alternative="greater").pvalue
    assert ahead(a, np.zeros(4), 0.05) == pytest.approx(max(plain, guard))
    assert guard > plain


def test_values_without_spread_pass_only_beyond_the_bound() -> None:
    assert ahead(np.full(16, 0.2), np.zeros(16), 0.05) == 0
    assert ahead(np.full(16, 0.05), np.zeros(16), 0.05) >= 0.5
    assert ahead(np.full(16, 0.01), np.zeros(16), 0.05) >= 0.5


def test_unable_is_the_exact_binomial_against_a_quarter_and_needs_a_mean_below_a_tenth() -> None:
    assert unable(np.zeros(30)) == pytest.approx(0.75**30)
    rarely = np.array([1.0] * 2 + [0.0] * 28)
    assert unable(rarely) == pytest.approx(stats.binomtest(2, 30, 0.25, "less").pvalue)
    assert unable(np.array([1.0] * 3 + [0.0] * 27)) == 1  # a mean of .1 is none below it
    assert unable(np.full(30, 0.2)) == 1


SOLVED_WORDS = [
    ([1, 0, 0, 0, 0, 0], Word.HELPS),
    ([0, 0, 1, 0, 0, 0], Word.HURTS),
    ([1, 1, 1, 1, 0, 0], Word.CONTEXT),
    ([1, 1, 1, 1, 1, 0], Word.NO_DIFFERENCE),
    ([0.5, 0.5, 0.5, 0.5, 0.5, 0.5], Word.UNDECIDED),
    ([0, 0, 0, 0, 0, 0], Word.NEITHER),
    ([0.09, 0.09, 0.09, 0.09, 1, 0], Word.NEITHER),
    ([1, 0, 0, 0, 0, 1], Word.UNDECIDED),
]


@pytest.mark.parametrize(("rates", "word"), SOLVED_WORDS)
def test_each_word_of_a_problem_that_is_solved_or_lost(rates: list[float], word: Word) -> None:
    found = ruling(
        same(rates), replace(AT, best_memory=2 if rates[2] > rates[0] else 0), Outcome.SOLVED, word, M
    )
    assert found.word == word
    assert (found.failure_possible is not None) == (word in ABSENCE)


@pytest.mark.parametrize(
    ("means", "word"),
    [
        ([0.6, 0.1, 0.4, 0.4, 0.4, 0.1], Word.HELPS),
        ([0.4, 0.4, 0.6, 0.1, 0.4, 0.1], Word.HURTS),
        ([0.6, 0.6, 0.6, 0.6, 0.3, 0.1], Word.CONTEXT),
        ([0.6, 0.6, 0.6, 0.6, 0.6, 0.1], Word.NO_DIFFERENCE),
        ([0.6, 0.6, 0.6, 0.6, 0.7, 0.1], Word.NOT_NEEDED),
        ([0.6, 0.6, 0.55, 0.1, 0.6, 0.1], Word.UNDECIDED),
    ],
)
def test_each_word_of_a_graded_problem(means: list[float], word: Word) -> None:
    assert ruling(noisy(means), AT, Outcome.GRADED, word, M).word == word


def test_neither_learned_is_tested_like_every_word() -> None:
    low = noisy([0.02, 0.02, 0.02, 0.02, 0.6, 0])
    assert ruling(low, AT, Outcome.GRADED, Word.NEITHER, M).n == 16
    near = noisy([0.098, 0.02, 0.02, 0.02, 0.6, 0])
    found = ruling(near, AT, Outcome.GRADED, Word.NEITHER, M)
    assert (near[:, 0].mean() < 0.1, found.word) == (True, Word.UNDECIDED)
    one = same([0, 0, 0, 0, 0, 0])
    one[3, 1] = 1
    assert ruling(one, AT, Outcome.SOLVED, Word.NEITHER, M).word == Word.UNDECIDED
    assert ruling(same([0, 0, 0, 0, 0, 0], 20), AT, Outcome.SOLVED, Word.NEITHER, M).word == Word.UNDECIDED


def test_two_sides_that_learned_too_little_to_show_it_earn_no_other_word() -> None:
    noise = noisy([0.0] * 6)
    skills = np.array([0.099, 0.099, 0, 0, 0, 0]) + noise - noise.mean(axis=0)
    found = ruling(skills, AT, Outcome.GRADED, Word.HURTS, M)
    assert found.p[Word.HELPS] <= found.bar < found.p[Word.NEITHER]
    assert found.word == Word.UNDECIDED
    assert ruling(skills + 0.002, AT, Outcome.GRADED, Word.HURTS, M).word == Word.HELPS


def test_neither_learned_asks_every_method_of_both_sides_and_no_other() -> None:
    skills = same([0, 0, 0, 0, 1, 1])
    assert ruling(skills, AT, Outcome.SOLVED, Word.HELPS, M).word == Word.NEITHER
    for method in range(4):
        learned = skills.copy()
        learned[:, method] = 1
        assert ruling(learned, AT, Outcome.SOLVED, Word.HELPS, M).word != Word.NEITHER
    graded = noisy([0.0, 0.0, 0.0, 0.0, 0.3, 0.3])
    want = max(
        max(stats.ttest_1samp(x, 0.1, alternative="less").pvalue for x in (s, [*s, 2 * s.max() - s.mean()]))
        for s in graded[:, :4].T
    )
    assert look(graded, AT, Outcome.GRADED)[Word.NEITHER] == pytest.approx(want, rel=1e-6)


def test_a_rival_at_twice_the_budget_is_judged_and_never_best() -> None:
    dear = replace(AT, full=(2, 3, 6), twice=(6,))
    skills = same([1, 0, 0, 0, 0, 0, 0])
    assert ruling(skills, dear, Outcome.SOLVED, Word.HELPS, M).word == Word.HELPS
    skills[:, 6] = 1
    assert ruling(skills, dear, Outcome.SOLVED, Word.HELPS, M).word == Word.UNDECIDED


def test_every_word_waits_for_the_slowest_of_its_needs_and_counts_twice() -> None:
    skills = (np.random.default_rng(1).random((12, 6)) < 0.8).astype(float)
    one, seen = claims_of(skills, AT, Outcome.SOLVED), look(skills, AT, Outcome.SOLVED)
    col = skills.T
    needs = {
        Word.HELPS: max(beat(col[0], col[j]) for j in (2, 3, 4, 5)),
        Word.HURTS: max(beat(col[2], col[j]) for j in (0, 1)),
        Word.CONTEXT: max(able(col[2]), beat(col[0], col[4])),
        Word.NO_DIFFERENCE: max(able(col[j]) for j in (0, 2, 4)),
        Word.NOT_NEEDED: able(col[2]),
    }
    for word in CLAIMS:
        assert seen[word] == pytest.approx(needs[word])
        assert one[word] == pytest.approx(min(1, 2 * needs[word] / 0.5))


@pytest.mark.parametrize(
    ("outcome", "n", "factor"),
    [
        ("solved", 11, None),
        ("solved", 12, 4),
        ("solved", 20, 8),
        ("solved", 30, 8),
        ("graded", 15, None),
        ("graded", 16, 4),
        ("graded", 30, 4),
    ],
)
def test_looks_and_their_weights(outcome: str, n: int, factor: int | None) -> None:
    skills = (
        same([1, 1, 1, 1, 1, 0], n) if outcome == "solved" else noisy([0.6, 0.6, 0.61, 0.6, 0.6, 0], n, 0.1)
    )
    p = claims_of(skills, AT, Outcome(outcome))[Word.NOT_NEEDED]
    if factor is None:
        assert p == 1
    else:
        earlier = claims_of(skills[:-1], AT, Outcome(outcome))[Word.NOT_NEEDED]
        own = factor * look(skills, AT, Outcome(outcome))[Word.NOT_NEEDED]
        assert p == pytest.approx(min(earlier, own, 1))


def test_a_contrast_stops_at_the_look_where_the_predicted_word_passes() -> None:
    skills = same([1, 0, 0, 0, 0, 0], 40)
    assert ruling(skills, AT, Outcome.SOLVED, Word.HELPS, M).n == 12
    assert ruling(skills, AT, Outcome.SOLVED, Word.NO_DIFFERENCE, M).n == 30  # another word stops nothing
    assert ruling(skills[:17], AT, Outcome.SOLVED, Word.HURTS, M).n == 17
    assert ruling(skills[:0], AT, Outcome.SOLVED, Word.HELPS, M).word == Word.UNDECIDED


def test_the_bar_is_bonferronis() -> None:
    assert ruling(same([1, 0, 0, 0, 0, 0]), AT, Outcome.SOLVED, Word.HELPS, M).bar == 0.05 / M
    p = dict.fromkeys(CLAIMS, 1.0)
    assert word_of({**p, Word.HURTS: 0.01, Word.NOT_NEEDED: 0.001}, 0.01) == Word.HURTS
    assert word_of({**p, Word.NOT_NEEDED: 0.011}, 0.01) == Word.UNDECIDED


def test_without_a_twin_recurrence_never_helps_and_without_a_window_no_context_is_said() -> None:
    bare = replace(AT, twin=None, window=(), best_window=None)
    p = claims_of(same([1, 1, 1, 1, 0, 0]), bare, Outcome.SOLVED)
    assert (p[Word.HELPS], p[Word.CONTEXT], p[Word.NO_DIFFERENCE]) == (1, 1, 1)
    assert p[Word.NOT_NEEDED] < 0.05 / M
    many = claims_of(SOLVES, bare, Outcome.SOLVED)
    assert {p.shape for p in many.values()} == {(4,)}


def test_a_failed_method_leaves_the_contrast_undecided_and_a_failed_twin_stops_helps_alone() -> None:
    skills = same([1, 0, 0, 0, 0, 0])
    skills[3, 1] = np.nan
    found = ruling(skills, AT, Outcome.SOLVED, Word.HELPS, M)
    assert (found.word, found.failed) == (Word.UNDECIDED, (1,))
    both = same([1, 1, 1, 1, 0, 0])
    both[3, 5] = np.nan
    assert ruling(both, AT, Outcome.SOLVED, Word.CONTEXT, M).word == Word.CONTEXT


def test_a_graded_problem_with_solved_and_lost_fits_needs_both_rules() -> None:
    skills = noisy([0.95, 0.95, 0.95, 0.95, 0.95, 0.2], 30, 0.001)
    skills[0, 1] = 0.5
    found = ruling(skills, AT, Outcome.GRADED, Word.NO_DIFFERENCE, M)
    assert found.both_rules
    exact = claims_of(skills, AT, Outcome.SOLVED)
    assert all(found.p[word] >= exact[word] for word in CLAIMS)


def test_the_failure_rate_still_possible() -> None:
    assert unseen(30, 14) == pytest.approx(1 - (0.05 / 28) ** (1 / 30))
    assert round(unseen(30, 14), 2) == 0.19
    assert unseen(0, 14) == unseen(3, 14, 3) == 1
    want = stats.binomtest(2, 30).proportion_ci(1 - 0.05 / 14, "exact").high
    assert unseen(30, 14, 2) == pytest.approx(want)


def test_failures_that_were_seen_raise_the_failure_rate_still_possible() -> None:
    skills = same([1, 1, 1, 1, 1, 0])
    skills[0, 0] = 0
    for word, window, lost in ((Word.NO_DIFFERENCE, 1, 1), (Word.CONTEXT, 0, 0)):
        skills[:, 4] = window  # "context helps" rests on the full-context method alone
        found = ruling(skills, AT, Outcome.SOLVED, word, 1)
        assert (found.word, found.failure_possible) == (word, unseen(found.n, 1, lost))
    skills[2, 2] = 0
    found = ruling(skills, AT, Outcome.SOLVED, Word.CONTEXT, 1)
    assert (found.n, found.failure_possible) == (30, unseen(30, 1, 1))
    skills[:, 4], skills[2, 2] = 1, 1
    skills[0, 0], skills[5, 4] = 1, 0
    assert ruling(skills, AT, Outcome.SOLVED, Word.NO_DIFFERENCE, 1).failure_possible == unseen(30, 1, 1)
    level = ruling(noisy([0.6] * 5 + [0.1]), AT, Outcome.GRADED, Word.NO_DIFFERENCE, M)
    assert level.failure_possible == unseen(level.n, M)


def test_bounds_to_print_agree_with_scipy() -> None:
    found = counted(np.array([1.0] * 10))
    assert (found.solved, found.n, found.high) == (10, 10, 1)
    assert found.low == pytest.approx(0.025 ** (1 / 10))
    values = np.array([0.1, 0.3, 0.2])
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (difference(values).low, difference(values).high) == pytest.approx((low, high))


def test_secondary_contrasts_have_a_level_of_their_own() -> None:
    found = secondary(np.ones(12), np.zeros(12), Outcome.SOLVED, 2)
    assert (found.winner, found.bar) == ("a", 0.025)
    assert found.a_ahead == pytest.approx(2 / 2**12)
    assert secondary(np.zeros(12), np.ones(12), Outcome.SOLVED, 2).winner == "b"
    assert secondary(np.ones(12), np.ones(12), Outcome.GRADED, 2).winner is None
    assert secondary(np.zeros(12), np.ones(12), Outcome.SOLVED, 2).a_ahead == 1
    assert secondary(np.ones(12), np.zeros(12), Outcome.SOLVED, 2).b_ahead == 1
    assert Secondary(0.025, 1.0, 0.025).winner == "a"
    assert Secondary(1.0, 0.025, 0.025).winner == "b"
    far = noisy([0.5, 0.4])
    assert secondary(far[:, 0], far[:, 1], Outcome.GRADED, 2).a_ahead == pytest.approx(
        2 * float(ahead(far[:, 0], far[:, 1], 0.05))
    )
    assert secondary(far[:, 1], far[:, 0], Outcome.GRADED, 2).winner == "b"
    assert secondary(far[:, 0], far[:, 1] + 0.06, Outcome.GRADED, 2).winner is None
    with pytest.raises(ValueError, match="finite skills of the same replicates"):
        secondary(np.ones(3), np.ones(4), Outcome.SOLVED, 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"full": ()}, "each needs a method"),
        ({"window": (0,)}, "one group only"),
        ({"twin": 0}, "one group only"),
        ({"best_recurrent": 2}, "best recurrent method 2 must be one of"),
        ({"best_full": 0}, "best full-context method"),
        ({"best_memory": 4}, "best memory method"),
        ({"best_window": None}, "best window-limited method None must be"),
        ({"window": ()}, "but the group is empty"),
        ({"twice": (2,)}, r"best methods \[2\] have twice the budget, must have the registered budget"),
        ({"twice": (1, 4, 0)}, r"best methods \[0, 4\] have twice the budget"),
        ({"twice": (5,)}, "at twice the budget must be among the groups"),
    ],
)
def test_roles_that_contradict_each_other_are_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(AT, **change)


def test_skills_that_are_no_table_are_refused() -> None:
    with pytest.raises(ValueError, match="give \\[replicates, methods\\]"):
        ruling(np.ones(3), AT, Outcome.SOLVED, Word.HELPS, M)


TABLES = st.integers(0, 10**6).map(lambda seed: np.random.default_rng(seed).random((30, 7)).round(1))


@settings(max_examples=30, deadline=None)
@given(TABLES, st.sampled_from(list(Outcome)))
def test_an_idle_rival_brings_no_word_and_order_within_a_look_changes_nothing(
    skills: np.ndarray, outcome: Outcome
) -> None:
    skills[:, 6] = 0
    now = claims_of(skills, AT, outcome)
    for group in ("recurrent", "full", "window"):
        more = claims_of(skills, replace(AT, **{group: (*getattr(AT, group), 6)}), outcome)
        assert all(more[word] >= now[word] for word in CLAIMS)
    first = skills[:12]
    turned = look(first[::-1], AT, outcome)
    assert all(turned[word] == pytest.approx(p) for word, p in look(first, AT, outcome).items())


@settings(max_examples=30, deadline=None)
@given(TABLES, st.integers(0, 29))
def test_one_more_solved_fit_of_the_best_network_never_weakens_helps(skills: np.ndarray, i: int) -> None:
    better = skills.copy()
    better[i, 0] = 1
    before, after = (claims_of(each, AT, Outcome.SOLVED)[Word.HELPS] for each in (skills, better))
    assert after <= before + 1e-12


GRADES = np.array([0.6, 0.57, 0.6, 0.58, 0.56, 0.5]) + 0.05 * np.random.default_rng(2).standard_normal(
    (4, 30, 6)
)
SOLVES = (np.random.default_rng(3).random((4, 30, 6)) < [0.95, 0.7, 0.9, 0.6, 0.5, 0.3]).astype(float)


@pytest.mark.parametrize(("skills", "outcome"), [(GRADES, "graded"), (SOLVES, "solved"), (SOLVES, "graded")])
def test_many_contrasts_at_once_are_each_judged_alone(skills: np.ndarray, outcome: str) -> None:
    together = claims_of(skills, AT, Outcome(outcome))
    for i, each in enumerate(skills):
        alone = claims_of(each, AT, Outcome(outcome))
        assert all(together[word][i] == pytest.approx(p) for word, p in alone.items())
    assert min(together[word].min() for word in CLAIMS) < 1


def test_every_test_works_along_the_last_axis() -> None:
    a, b = GRADES[:, :, 0], GRADES[:, :, 1]
    assert ahead(a, b, 0.01) == pytest.approx([float(ahead(x, y, 0.01)) for x, y in zip(a, b, strict=True)])
    a, b = SOLVES[:, :, 0], SOLVES[:, :, 1]
    assert beat(a, b) == pytest.approx([float(beat(x, y)) for x, y in zip(a, b, strict=True)])
    assert able(a) == pytest.approx([float(able(x)) for x in a])
    rarely = (np.random.default_rng(4).random((4, 20)) < 0.08).astype(float)
    assert unable(rarely) == pytest.approx([float(unable(x)) for x in rarely])
    assert len(set(unable(rarely))) > 1


def test_a_later_look_never_raises_p() -> None:
    skills = same([1, 0, 0, 0, 0, 0])
    early = claims_of(skills[:12], AT, Outcome.SOLVED)[Word.HELPS]
    skills[12:] = same([0, 1, 1, 1, 1, 1], 18)
    assert claims_of(skills, AT, Outcome.SOLVED)[Word.HELPS] == early == pytest.approx(4 / 2**12)


def test_fits_are_mixed_where_one_method_has_a_solved_and_a_lost_one() -> None:
    table = np.full((5, 2), 0.7)
    assert not mixes(table)
    table[0] = 0.9, 0.5
    assert not mixes(table)
    table[1, 0] = 0.501
    assert not mixes(table)
    table[1, 0] = 0.5
    assert mixes(table)
    table[:, 0] = 0.899
    assert not mixes(table)
    solved, lost = np.full((5, 2), 0.95), np.full((5, 2), 0.2)
    assert list(mixes(np.stack([solved, lost, np.where(np.arange(5)[:, None] > 2, solved, lost)]))) == [
        0,
        0,
        1,
    ]


SIMULATION = script("benchmarks/registered_rule.py")


@pytest.mark.parametrize("name", list(SIMULATION.POWERS)[::4])
def test_the_simulation_judges_as_the_rule_does(name: str) -> None:
    contrast = SIMULATION.POWERS[name]
    draws = SIMULATION.drawn(contrast, 3, 1, np.random.default_rng(3))
    found = SIMULATION.judged(draws, contrast)
    for i in range(3):
        at = contrast.at(bool(draws.memory_is_full[i, 0]))
        alone = ruling(draws.skills[i, 0], at, contrast.declared, contrast.predicted, SIMULATION.CONTRASTS)
        assert (SIMULATION.WORDS[found.word[i, 0]], found.n[i, 0]) == (alone.word, alone.n)


def test_the_simulation_puts_the_chosen_method_of_each_group_first() -> None:
    (found,) = (each for each in SIMULATION.GRADED["4 v 4, normal, badly chosen"] if "hurts" in each.name)
    (contrast,) = found.contrasts
    worst = SIMULATION.drawn(contrast, 2, 2, np.random.default_rng(0))
    assert (worst.means[..., 0] == 0.1).all()
    best = SIMULATION.drawn(replace(contrast, choice="true"), 2, 2, np.random.default_rng(0))
    assert (best.means[..., 0] == 0.6).all()
    assert np.abs(best.skills.mean(axis=-2) - best.means).max() < 0.03
    assert best.memory_is_full.all()


def test_the_simulation_knows_which_words_are_false_on_the_edge() -> None:
    edges = {each.name: each.contrasts[0] for each in SIMULATION.GRADED["normal"]}

    def true(name: str) -> set[Word]:
        contrast = edges[name]
        means = np.array([*contrast.recurrent, *contrast.full, *contrast.window, contrast.twin])
        found = SIMULATION.false_words(means, contrast.at(False), contrast.declared)
        return {word for word, wrong in found.items() if not wrong}

    assert true("helps, R - F = d") == set()
    assert true("context, R - W = d") == {Word.NOT_NEEDED}
    assert true("all equal") == {Word.NOT_NEEDED, Word.NO_DIFFERENCE}
    assert true("neither, R = .1") == {Word.HELPS}


@pytest.mark.parametrize(
    ("part", "name", "most"),
    [
        ("GRADED", "edges in turn, normal", 0.01),
        ("GRADED", "edges in turn, R down", 0.04),
        ("SOLVED", "declared, in turn", 0.01),
    ],
)
def test_few_reports_have_a_false_word_and_more_without_bonferroni(
    part: str, name: str, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    (scenario,) = getattr(SIMULATION, part)[name]
    _, possible = SIMULATION.falsehoods(scenario, 400)
    assert possible.mean() <= most
    monkeypatch.setattr(SIMULATION, "BAR", SIMULATION.BAR * SIMULATION.CONTRASTS)
    _, possible = SIMULATION.falsehoods(scenario, 400)
    assert possible.mean() > 2 * most
