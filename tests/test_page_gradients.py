"""Gradient against lag on the page: what the file beside the run holds, in figures, tables and words."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recurbench.api import Request, perform, prepare
from recurbench.cli.gradients import GradientsFile, measure
from recurbench.registry import discover
from recurbench.reports.figures.canvas import Drawn
from recurbench.reports.page import gradients, results
from recurbench.reports.page.section import Grid, Prose, Section
from recurbench.reports.statistics.gradients import NAME, START, TRAINED
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run
from small_run import SMALL, empty, pictures, small, texts

NETWORKS = ("rnn", "rnn[init=default]")
PROBLEM = f"parity[{SMALL},test_length=70]"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measured")
    networks = [f"{name.removesuffix(']')}{',' if '[' in name else '['}max_steps=20]" for name in NETWORKS]
    perform(prepare(Request(methods=networks, datasets=(PROBLEM,), seeds=1, out=folder, jobs=0)))
    kept = GradientsFile(folder)
    for one in measure(read_run(folder), discover()):
        kept.add(one)
    return folder


@pytest.fixture
def changed(measured: Path, tmp_path: Path) -> Callable[[Callable[[list[dict[str, Any]]], None]], Path]:
    """A copy of the run whose measured networks are changed by a function."""

    def change(by: Callable[[list[dict[str, Any]]], None]) -> Path:
        folder = tmp_path / "copy"
        shutil.copytree(measured, folder)
        whole = json.loads((folder / NAME).read_text(encoding="utf-8"))
        by(whole["networks"])
        (folder / NAME).write_text(json.dumps(whole), encoding="utf-8")
        return folder

    return change


def built(folder: Path, language: str = "en") -> Section | None:
    return gradients.section(read_run(folder), Messages(language), Drawn(None, ""))


def table(section: Section | None) -> Grid:
    assert section is not None
    (grid,) = (part for part in section.parts if isinstance(part, Grid))
    return grid


def prose(section: Section | None) -> str:
    assert section is not None
    return "\n".join(line for part in section.parts if isinstance(part, Prose) for line in part.lines)


def test_every_network_has_a_panel_and_its_initialisation_is_named(measured: Path) -> None:
    (picture,) = pictures(built(measured))
    assert {"rnn", "rnn, init default", "start", "trained"} <= set(texts(picture.svg).split("\n"))
    assert "rnn: W orthogonal per gate, biases 0, U torch default;" in picture.caption
    assert "rnn, init default: torch default (uniform, 1/sqrt of hidden)." in picture.caption


def test_the_table_halves_by_the_slopes_in_the_file(measured: Path) -> None:
    kept = json.loads((measured / NAME).read_text(encoding="utf-8"))["networks"]
    grid = table(built(measured))
    assert len(grid.header) == len(grid.rows[0])
    for one, row in zip(kept, grid.rows, strict=True):
        start, trained = (math.log(2) / -moment["slope"] for moment in one["moments"])
        assert row[2:5] == (f"{start:.1f}", "", f"{trained:.1f}")
    # Torch's own initialisation fades faster: `tests/test_network_gradients.py` finds the same.
    assert float(grid.rows[0][2]) > float(grid.rows[1][2])
    low, high = grid.rows[1][2], grid.rows[0][2]
    assert f"{low} (rnn, init default: torch" in prose(built(measured))
    assert f"to {high} steps (rnn: W orthogonal" in prose(built(measured))


def test_a_gradient_that_does_not_arrive_and_one_that_does_not_fade_are_told_apart(
    changed: Callable[..., Path],
) -> None:
    def by(networks: list[dict[str, Any]]) -> None:
        start = networks[0]["moments"][0]
        start["norms"], start["slope"] = [1.0] * 6 + [0.0] * 6, None
        networks[1]["moments"][0]["slope"] = 0.01

    folder = changed(by)
    assert [row[2] for row in table(built(folder)).rows] == [EN("reach.nothing"), EN("reach.never")]
    assert EN("reach.none", when="start", methods="rnn") in prose(built(folder))


EN = Messages()


def network(name: str, slope: float | None, norms: list[float] | None = None) -> dict[str, Any]:
    """A network as the file holds it, of the same slope at the start and trained."""
    moments = [{"when": when, "norms": norms or [1.0] * 20, "slope": slope} for when in (START, TRAINED)]
    return {"method": name, "initialisation": f"{name} drawn", "moments": moments}


def said_of(*own: dict[str, Any], language: str = "en") -> list[str]:
    names = {one["method"]: one["method"] for one in own}
    return [line for part in gradients._words(own, names, Messages(language)) for line in part.lines]


def test_the_sentences_range_over_what_fades_and_name_what_does_not() -> None:
    own = network("rnn", -0.3), network("gru", -0.1), network("lstm", 0.01)
    halves = {"fast": "rnn", "fast_init": "rnn drawn", "slow": "gru", "slow_init": "gru drawn"}
    start, lasting, *trained = said_of(*own)
    assert start == EN("reach.start", low="2.3", high="6.9", **halves)
    assert lasting == EN("reach.lasting", when="start", methods="lstm")
    assert trained == [
        EN("reach.trained", low="2.3", high="6.9", **halves),
        EN("reach.lasting", when="trained", methods="lstm"),
    ]
    assert not any("사라지지 않음까지" in line for line in said_of(*own, language="ko"))
    assert said_of(*own, language="ko")[1] == "이 시차에서 기울기가 사라지지 않음(시작): lstm."
    # One that fades has no range, and two that do not have none either.
    assert said_of(*own[1:]) == [lasting, trained[1]]
    assert said_of(network("lstm", 0.01), network("gru", 0.0))[0].endswith("(start): lstm, gru.")


def test_a_slope_that_is_no_number_is_unknown() -> None:
    one = network("rnn", math.nan, [math.nan] * 20)
    assert gradients.halved(one, "start") is None
    assert gradients._told(one, "start", Messages()) == ""
    assert said_of(one, network("gru", -0.1)) == []


def test_gradients_that_are_all_infinite_have_a_table_and_no_figure(changed: Callable[..., Path]) -> None:
    def by(networks: list[dict[str, Any]]) -> None:
        for moment in (moment for one in networks for moment in one["moments"]):
            moment["norms"], moment["slope"] = [math.inf] * len(moment["norms"]), math.nan

    section = built(changed(by))
    assert pictures(section) == []
    assert [row[2:5] for row in table(section).rows] == [("", "", "")] * 2


def test_a_network_that_scores_otherwise_when_trained_again_is_named(
    measured: Path, changed: Callable[..., Path]
) -> None:
    assert not any("trained again" in note for note in table(built(measured)).notes)
    notes = table(built(changed(lambda networks: networks[0].update(score=0.123)))).notes
    assert any(note.startswith("rnn: ") and "0.123" in note for note in notes)


def test_networks_of_cells_that_the_run_does_not_hold_are_left_out(changed: Callable[..., Path]) -> None:
    folder = changed(lambda networks: networks[0].update(key="of an earlier run"))
    assert [row[0] for row in table(built(folder)).rows] == ["rnn"]


def test_without_a_file_there_is_no_section() -> None:
    assert gradients.section(small(), Messages(), Drawn(None, "")) is None
    assert gradients.section(empty(), Messages(), Drawn(None, "")) is None


HALF = '{"networks": [{"key": "k", "moments": [{"when": "start", "norms": [1.0, 0.5], "slope": null}]}]}'


@pytest.mark.parametrize("text", ["", "{}", '{"networks": [1]}', '{"networks": [{"moments": []}]}', HALF])
def test_a_broken_file_is_refused_in_words(measured: Path, tmp_path: Path, text: str) -> None:
    shutil.copytree(measured, tmp_path / "copy")
    (tmp_path / "copy" / NAME).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"is not what `recurbench gradients` writes \(.*delete it"):
        built(tmp_path / "copy")


def test_the_section_speaks_korean(measured: Path) -> None:
    section = built(measured, "ko")
    assert "시작할 때 기울기가 절반이 되는 시점 수는" in prose(section)
    assert "학습 후" in texts(pictures(section)[0].svg)


def test_the_results_page_of_the_contrasts_has_it_too() -> None:
    assert gradients.section in results.BUILDERS
