"""The table of every method, thinned where it is too long."""

import pages
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from made_up import MadeUp
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page.methods import section, thinned
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run


def test_every_method_has_a_row_with_its_score_and_cost(tmp_path):
    found = section(read_run(pages.whole(tmp_path).write()), Messages("en"), Drawn(None, ""))
    grid = found.parts[0]
    assert len(grid.rows) == 2 * len(pages.METHODS)
    row = next(dict(zip(grid.header, r, strict=True)) for r in grid.rows if r[1] == "mlp")
    assert row["family"] == "feedforward"
    assert row["test"] == "0.583"
    assert row["fits"] == "3"
    assert row["CPU-s"] == "3.50"


def test_a_run_without_scores_has_no_such_table(tmp_path):
    assert section(read_run(MadeUp(tmp_path).write()), Messages("en"), Drawn(None, "")) is None


@given(st.lists(st.integers(1, 30), min_size=1, max_size=12), st.integers(1, 60))
def test_thinning_keeps_the_first_rows_of_every_problem(sizes, rows):
    table = pd.DataFrame([{"problem": k, "rank": i} for k, size in enumerate(sizes) for i in range(size)])
    kept = thinned(table, rows)
    assert set(kept["problem"]) == set(table["problem"])
    assert len(kept) <= max(rows, len(sizes))
    if len(table) <= rows:
        assert len(kept) == len(table)
    depth = kept.groupby("problem")["rank"].max()
    for problem, size in enumerate(sizes):
        assert depth[problem] == min(size - 1, depth.max())
