"""The table of lags: what a row holds, which windows there are, and what is held out."""

from __future__ import annotations

import numpy as np
from lag_series import ONE, TWO, cut, walk
from recurbench import Split, Task, Values
from recurbench.methods import _lags
from recurbench.methods._lag_table import asked, learn_table
from recurbench.methods._lags import Frame, pool


def test_every_window_is_the_one_cut_by_hand() -> None:
    x = walk(20)
    table = learn_table(ONE, cut(x), 8, 100)
    assert len(table.every) == 20 - 3 - 8 + 1
    for row, origin in enumerate(range(8, 18)):
        seen, after = x[origin - 8 : origin, 0], x[origin : origin + 3, 0]
        scaled = (seen - seen.mean()) / seen.std()
        assert np.allclose(table.every.scaled[row], scaled, atol=2e-6)
        base = x[[origin - 4, origin - 3, origin - 2], 0]
        assert np.allclose(table.every.answers[row], (after - base) / seen.std(), atol=2e-6)
        # What was subtracted is added again.
        assert np.allclose(table.every.forecast(table.every.answers)[row], after, atol=1e-4)


def test_a_row_holds_the_last_steps_and_the_same_season_with_both_neighbours() -> None:
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=30, period=24)
    frame = Frame(task, 96, 0, np.empty(0), np.empty(0))
    assert frame.recent() == list(range(-48, 0))
    assert frame.seasonal(0) == [-25, -24, -23, -49, -48, -47]
    # The step 25 after the origin has its season at the second step of the last season.
    assert frame.seasonal(25) == [-24, -23, -22, -48, -47, -46]
    assert frame.start(25) == -23
    assert frame.columns(0) == [-49, *range(-48, 0)]


def test_early_windows_end_before_the_late_ones_begin() -> None:
    frame = Frame(ONE, 8, 0, np.empty(0), np.empty(0))
    found = pool(frame, cut(walk(60), walk(12, seed=1)))
    long = found.ends < 68
    early, late = found.ends[long & (found.late == 0)], found.ends[long & (found.late == 1)]
    assert early.max() + ONE.steps <= late.min()
    assert late.min() == 8 + 60 - 15
    assert (found.late[~long] == 0).any()


def test_windows_are_views_until_they_are_chosen() -> None:
    frame = Frame(ONE, 8, 0, np.empty(0), np.empty(0))
    found = pool(frame, cut(walk(5000)))
    assert found.values.nbytes < 2 * 5000 * 8
    assert len(found.windows(np.arange(10)).scaled) == 10


def test_covariates_known_ahead_enter_by_their_change_and_others_by_their_last_steps() -> None:
    x = walk(40, 4)
    train = Split([x[:30]], [x[30:33, :2]], [x[30:33, 3:]])
    table = learn_table(TWO, train, 8, 1000)
    assert table.series == 2
    frame, last = table.frame, np.array([30])
    (window,) = asked(frame, Split([x[:30]], ahead=[x[30:33, 3:]]))
    row = window.row(1, [-1])
    # Lag, eight steps of the covariate of the past, and the change of the one known ahead twice.
    assert row.shape == (2, 1 + 8 + 2)
    change = (x[last + 1, 3] - x[last - 3, 3]) / x[:30, 3].std()
    assert np.allclose(row[:, 9], change)
    ratio = x[:30, :2].std(axis=0) / x[22:30, :2].std(axis=0)
    assert np.allclose(row[:, 10], change * ratio, rtol=1e-5)
    assert np.allclose(row[0, 1:9], (x[22:30, 2] - x[22:30, 2].mean()) / x[22:30, 2].std(), atol=2e-6)


def test_a_jump_out_of_a_still_window_is_clipped() -> None:
    x = np.zeros((40, 1))
    x[::7] = 1e-3
    x[30] = 1e6
    table = learn_table(ONE, cut(x), 8, 1000)
    assert np.abs(table.every.answers).max() == _lags.REACH
