"""The other pictures of single cases: what stands in them."""

from __future__ import annotations

import numpy as np
from pictured import shown
from recurbench.reports.figures.alignments import JOINED, alignment
from recurbench.reports.figures.axes import literal, of_family
from recurbench.reports.figures.cases import captions, cases
from recurbench.reports.figures.confusions import confusions
from recurbench.reports.figures.forecasts import forecasts
from recurbench.reports.figures.paths import LINES, PATHS, WOUND, aligned, phase, plane
from recurbench.reports.figures.sizes import WIDTH, short
from recurbench.reports.text.translation import Messages

SAY = Messages()


def test_forecasts_have_a_panel_per_origin_with_history_truth_and_every_family() -> None:
    exhibit = shown()["co2"]
    figure = forecasts(exhibit, SAY)
    assert len(figure.axes) == len(exhibit.units) == 3
    for axes, unit in zip(figure.axes, exhibit.units, strict=True):
        history, truth, *said = axes.lines[: 2 + len(exhibit.shown)]
        assert history.get_xdata()[-1] == 0
        np.testing.assert_array_equal(history.get_ydata(), unit.x.values[-len(history.get_ydata()) :, 0])
        np.testing.assert_array_equal(truth.get_ydata(), unit.y.values[:, 0])
        for line, answers in zip(said, exhibit.shown, strict=True):
            np.testing.assert_array_equal(
                line.get_ydata(), answers.middle(unit.index, exhibit.quantiles)[:, 0]
            )
            assert line.get_color() == of_family(answers.family).light
            assert line.get_marker() == of_family(answers.family).mark
        assert str(unit.x.steps) in axes.get_title(loc="left") + axes.get_title()


def test_the_band_is_that_of_the_first_method_with_quantiles() -> None:
    exhibit = shown()["co2"]
    banded = next(a for a in exhibit.shown if a.band(exhibit.units[0].index, exhibit.quantiles))
    figure = forecasts(exhibit, SAY)
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert f"{banded.address}, 0.1 to 0.9" in texts
    assert all(len(axes.collections) == 1 for axes in figure.axes)


def test_a_matrix_has_a_number_where_there_is_a_count_and_names_both_sides() -> None:
    counts = np.array([[5, 0], [2, 3]])
    figure = confusions([("some", counts), ("other", counts.T)], ["yes", "no"], SAY)
    first, second = figure.axes
    assert [text.get_text() for text in first.texts] == ["5", "2", "3"]
    assert [text.get_position() for text in second.texts] == [(0, 0), (1, 0), (1, 1)]
    assert (first.get_ylabel(), first.get_xlabel()) == ("true", "predicted")
    assert [text.get_text() for text in first.get_yticklabels()] == ["yes", "no"]
    alphas = [patch.get_alpha() for patch in first.patches]
    assert alphas == [1.0, 0.4, 0.6]


def test_matrices_of_many_classes_stand_one_above_the_other() -> None:
    figure = confusions([("a", np.eye(9, dtype=int)), ("b", np.eye(9, dtype=int))], list("012345678"), SAY)
    assert figure.get_size_inches()[0] == WIDTH
    assert figure.get_size_inches()[1] > WIDTH
    one, other = (axes.get_subplotspec().rowspan.start for axes in figure.axes)
    assert (one, other) == (0, 1)


def test_an_alignment_joins_pairs_of_the_path_alone() -> None:
    asked, found = np.arange(100.0), np.arange(100.0) + 3
    path = [(i, i) for i in range(100)]
    (axes,) = alignment(asked, found, path, SAY).axes
    segments = axes.collections[0].get_segments()
    assert 10 < len(segments) <= JOINED
    for (i, y), (j, lowered) in segments:
        assert i == j
        assert y == asked[int(i)]
        assert lowered < y
    assert max(axes.lines[1].get_ydata()) < max(axes.lines[0].get_ydata())


def test_the_plane_of_one_channel_is_now_against_before() -> None:
    path = np.arange(6.0)[:, None]
    before, now = plane(path, 2)
    assert (before.tolist(), now.tolist()) == ([0, 1, 2, 3], [2, 3, 4, 5])
    wide = np.arange(6.0).reshape(2, 3)
    assert [side.tolist() for side in plane(wide, 2)] == [[0, 3], [2, 5]]


def test_only_as_many_methods_are_drawn_as_can_be_followed() -> None:
    rng = np.random.default_rng(0)
    truth = rng.standard_normal((200, 2))
    said = [(f"m{i}", "recurrent", rng.standard_normal((200, 2))) for i in range(5)]
    (axes,) = aligned(truth, said, "x", SAY).axes
    assert len(axes.lines) == 1 + LINES
    (axes,) = phase(truth, said, ("x", "y"), 5, SAY).axes
    assert len(axes.lines) == 1 + PATHS + 1
    assert len(axes.lines[0].get_xdata()) == WOUND
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x", "y")


def test_a_case_is_a_line_per_channel_or_an_image() -> None:
    at = np.arange(10)
    thin, wide = np.zeros((10, 2)), np.eye(10)
    line, image = cases([(at, thin, "case 0"), (at, wide, "case 1")], SAY).axes
    assert len(line.lines) == 2
    assert len(image.collections[0].get_paths()) == 10
    assert line.get_title(loc="left") + line.get_title() == "case 0"


def test_captions_stand_beside_their_image_with_who_wrote_them() -> None:
    figure = captions(np.eye(8), [("", "a thin two"), ("rnn", "a bold two")], SAY)
    _, right = figure.axes
    assert [text.get_text() for text in right.texts] == ["true", "a thin two", "rnn", "a bold two"]


def test_a_name_with_dollars_is_no_formula() -> None:
    assert literal("$a$") == r"\$a\$"
    assert short("x" * 50, 10) == "x" * 9 + "\N{HORIZONTAL ELLIPSIS}"
    figure = captions(np.eye(8), [("", "costs $5 or $$"), ("$\\bad$", "a")], SAY)
    figure.savefig("/dev/null", format="svg")
