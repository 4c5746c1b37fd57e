"""What `plan` says of the test part of one's own series."""

import numpy as np
from recurbench.api import Request, prepare
from recurbench.datasets.csv_series import own_series
from recurbench.planning.detectable_difference import detectable_lines, difference_of
from recurbench.reports.statistics.long_run import Origins

PLANNED = Origins(12, 3, 3)


def file_of(folder, rows, names=("a",)):
    rng = np.random.default_rng(0)
    months = np.datetime64("1950-01", "M") + np.arange(rows)
    values = 10 + np.sin(np.arange(rows) * np.pi / 6) + rng.normal(size=(len(names), rows))
    lines = [
        f"{name},{month},{value}"
        for name, own in zip(names, values, strict=True)
        for month, value in zip(months, own, strict=True)
    ]
    file = folder / "own.csv"
    file.write_text("\n".join(["unique_id,ds,y", *lines]) + "\n")
    return file


def test_a_few_series_are_averaged_at_each_origin(tmp_path):
    alone, several = (
        difference_of(own_series(path=str(file_of(tmp_path, 300, names)), horizon=3), PLANNED)
        for names in ("a", "abcd")
    )
    # The series are independent here, so four of them have a smaller spread.
    assert several.half < alone.half


def test_a_gap_leaves_out_its_origins_and_not_the_series(tmp_path):
    file = file_of(tmp_path, 300)
    lines = file.read_text().splitlines()
    for row in range(161, 168):  # rows of the validation part: before the test part, which is the last 40 %
        lines[row] = lines[row].rsplit(",", 1)[0] + ","
    file.write_text("\n".join(lines) + "\n")
    found = difference_of(own_series(path=str(file), horizon=3), PLANNED)
    assert found is not None
    assert np.isfinite(found.half)


def test_a_series_with_too_short_a_validation_part_says_nothing(tmp_path):
    problem = own_series(path=str(file_of(tmp_path, 40)), horizon=3, origins=10)
    assert difference_of(problem, PLANNED) is None


def test_the_plan_of_own_data_has_a_sentence_with_the_options_that_help(tmp_path):
    file = file_of(tmp_path, 300)
    own = f"csv[path={file},horizon=3,origins=4]"
    request = Request(methods=("theta",), datasets=(own,), out=tmp_path / "run")
    (line,) = detectable_lines(prepare(request).jobs)
    assert "--origins 10" in line


def test_problems_of_suites_have_no_sentence(tmp_path):
    plan = prepare(Request(methods=("theta",), datasets=("airline",), out=tmp_path / "run"))
    assert list(detectable_lines(plan.jobs)) == []
