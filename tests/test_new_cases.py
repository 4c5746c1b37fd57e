"""New cases of every format are read to fit the problem; other channels and lengths are refused."""

from __future__ import annotations

import numpy as np
import pytest
from own_files import npz, panel, put, ts, tsv, wide
from recurbench.forecasting.new_cases import read_new
from recurbench.reading.cases_proposal import propose_cases
from recurbench.reading.proposal import Options
from recurbench.registry import discover, load


@pytest.fixture
def trained(tmp_path):
    """The data set and the problem of a file."""

    def of(name, text=None, **options):
        if text is not None:
            (tmp_path / name).write_text(text)
        proposal = propose_cases(tmp_path / name, Options(**options))
        choice = discover().datasets[proposal.dataset].choose(proposal.settings)
        return choice, load(choice.plugin)(**choice.settings)

    return of


def test_cases_of_a_ts_file_without_classes_are_read(trained, tmp_path):
    dataset, problem = trained("a.ts", ts(40))
    bare = "\n".join(row.partition(":")[0] for row in ts(5, first=9).splitlines()[5:])
    put(tmp_path, new__ts=f"@timeStamps false\n@classLabel false\n@data\n{bare}\n")
    new = read_new(tmp_path / "new.ts", dataset, problem)
    assert len(new.split) == 5
    assert new.split.x[0].shape == (8, 1)
    assert new.names[0] == "line 4"


def test_cases_of_a_tsv_file_are_read_with_a_class_and_without(trained, tmp_path):
    dataset, problem = trained("a.tsv", tsv(40))
    put(tmp_path, with__tsv=tsv(4))
    bare = "\n".join(row.partition("\t")[2] for row in tsv(4).splitlines())
    (tmp_path / "without.tsv").write_text(bare)
    one, other = (read_new(tmp_path / name, dataset, problem).split.x for name in ("with.tsv", "without.tsv"))
    assert np.array_equal(one, other)


def test_channels_of_a_panel_are_found_by_name_in_any_order(trained, tmp_path):
    dataset, problem = trained("p.csv", panel(40))
    rows = [row.split(",") for row in panel(3, first=60).splitlines()]
    put(tmp_path, new__csv="\n".join(",".join([r[3], r[2], r[1], r[0]]) for r in rows))
    put(tmp_path, same__csv=panel(3, first=60))
    new, same = (read_new(tmp_path / name, dataset, problem) for name in ("new.csv", "same.csv"))
    assert new.names == ["firm60", "firm61", "firm62"]
    assert np.array_equal(new.split.x, same.split.x)
    put(tmp_path, less__csv="\n".join(",".join(r[:3]) for r in rows))
    with pytest.raises(ValueError, match="debt"):
        read_new(tmp_path / "less.csv", dataset, problem)


def test_steps_of_a_wide_table_are_found_by_name_and_its_label_is_not_used(trained, tmp_path):
    dataset, problem = trained("w.csv", wide(40), label="class")
    rows = [row.split(",") for row in wide(3).splitlines()]
    put(tmp_path, bare__csv="\n".join(",".join(r[:6][::-1]) for r in rows), same__csv=wide(3))
    bare, same = (read_new(tmp_path / name, dataset, problem).split.x for name in ("bare.csv", "same.csv"))
    assert np.array_equal(bare, same)


def test_another_column_of_cases_may_be_named(trained, tmp_path):
    dataset, problem = trained("p.csv", panel(40))
    put(tmp_path, new__csv=panel(3).replace("company", "business", 1).replace("year", "when", 1))
    assert read_new(tmp_path / "new.csv", dataset, problem, "business", "when").names[0] == "firm0"


def test_cases_of_other_channels_or_lengths_are_refused(trained, tmp_path):
    npz(tmp_path / "a.npz", 40)
    dataset, problem = trained("a.npz")
    npz(tmp_path / "one.npz", X=np.ones((3, 1, 7)), y=None)
    npz(tmp_path / "short.npz", X=np.ones((3, 2, 6)), y=None)
    with pytest.raises(ValueError, match="1 channel, and the training cases have 2"):
        read_new(tmp_path / "one.npz", dataset, problem)
    with pytest.raises(ValueError, match="6 steps, and every case of the run has 7"):
        read_new(tmp_path / "short.npz", dataset, problem)


def test_lengths_outside_those_of_training_are_said_where_lengths_differ(trained, tmp_path):
    x = np.random.default_rng(0).normal(size=(40, 2, 7))
    x[3, :, 5:] = np.nan
    npz(tmp_path / "a.npz", 40, X=x)
    dataset, problem = trained("a.npz")
    npz(tmp_path / "new.npz", X=np.ones((2, 2, 9)), y=None)
    assert any(
        "5 to 7 steps" in remark for remark in read_new(tmp_path / "new.npz", dataset, problem).remarks
    )


def test_parts_of_an_npz_file_are_refused(trained, tmp_path):
    npz(tmp_path / "a.npz", 40)
    dataset, problem = trained("a.npz")
    parts = {"X_train": np.ones((2, 2, 7)), "X_test": np.ones((2, 2, 7))}
    npz(tmp_path / "new.npz", X=None, y=None, **parts)
    with pytest.raises(ValueError, match="one array X"):
        read_new(tmp_path / "new.npz", dataset, problem)


def test_missing_values_at_the_end_are_filled_where_all_cases_have_one_length(trained, tmp_path):
    npz(tmp_path / "a.npz", 40)
    dataset, problem = trained("a.npz")
    x = np.ones((3, 2, 7))
    x[1, :, 5:] = np.nan
    npz(tmp_path / "new.npz", X=x, y=None)
    new = read_new(tmp_path / "new.npz", dataset, problem)
    assert new.split.x[1].tolist() == [[1.0, 1.0]] * 7
    assert len(new.remarks) == 1


def test_missing_values_of_new_cases_are_kept_like_those_of_the_run(trained, tmp_path):
    npz(tmp_path / "a.npz", 40)
    dataset, problem = trained("a.npz", missing="keep")
    x = np.ones((3, 2, 7))
    x[1, :, 5:] = np.nan
    npz(tmp_path / "new.npz", X=x, y=None)
    new = read_new(tmp_path / "new.npz", dataset, problem)
    assert np.array_equal(new.split.x[1], x[1].T, equal_nan=True)
