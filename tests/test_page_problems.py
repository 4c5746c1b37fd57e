"""A section per problem with pictures of single cases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up import MadeUp, right
from pictured import PROBLEMS, run, shown
from recurbench.reports.figures.canvas import Drawn, themed
from recurbench.reports.page import problem_series
from recurbench.reports.page.picturing import Picturing, mark_of
from recurbench.reports.page.problem_cases import components
from recurbench.reports.page.problem_sequences import smooth
from recurbench.reports.page.problem_series import NOISE, stands_out
from recurbench.reports.page.problem_written import text
from recurbench.reports.page.problems import _about, section
from recurbench.reports.page.section import Grid, Part, Picture, Section
from recurbench.reports.text.translation import Messages
from recurbench.results import Run, read_run

SAY = Messages()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drawn")


@pytest.fixture(scope="module")
def whole(folder: Path) -> Section:
    found = section(run(), SAY, Drawn(folder, "1"))
    assert found is not None
    return found


def parts(whole: Section, short: str) -> tuple[Part, ...]:
    (one,) = (within for within in whole.within if within.title == PROBLEMS_BY[short])
    return one.parts


PROBLEMS_BY = {short: exhibit.problem for short, exhibit in shown().items()}


def names(these: tuple[Part, ...]) -> list[str]:
    """By their ids what the pictures are, and "table" for a grid."""
    return [
        re.findall(r'\bid="p[0-9a-f]{6}-([a-z]+)', part.svg)[0] if isinstance(part, Picture) else "table"
        for part in these
        if isinstance(part, Picture | Grid)
    ]


def pictures(whole: Section) -> Iterator[Picture]:
    for one in whole.within:
        yield from (part for part in one.parts if isinstance(part, Picture))


@pytest.mark.parametrize(
    ("short", "expected"),
    [
        ("co2", ["forecasts", "decomposition", "spectrum"]),
        ("filter", ["tags", "states"]),
        ("parity", ["tags"]),
        ("lorenz", ["aligned", "phase", "spectrum"]),
        ("trajectory", ["aligned", "phase"]),
        ("digits", ["confusions", "cases", "spectrum", "states", "alignment"]),
        ("order", ["confusions", "table"]),
        ("adding", ["cases", "alignment"]),
        ("reversal", ["table"]),
        ("caption", ["caption", "caption"]),
        ("gunpoint", ["confusions"]),
        ("tags", ["tags"]),
    ],
)
def test_every_kind_of_problem_has_its_pictures(whole: Section, short: str, expected: list[str]) -> None:
    assert names(parts(whole, short)) == expected


def test_pictures_name_a_method_without_settings_that_tell_it_from_no_other_shown(whole: Section) -> None:
    tags = next(part for part in parts(whole, "filter") if isinstance(part, Picture))
    assert re.search(r"\bhmm \d", tags.alt)
    assert "hmm[" not in tags.alt + tags.svg


def only(short: str) -> Run:
    """The run as if it had held this problem alone."""
    cells = run().cells
    return replace(run(), cells=cells[cells["problem"] == PROBLEMS_BY[short]])


def test_every_problem_has_one_section_with_an_anchor_of_its_own(whole: Section) -> None:
    assert [one.title for one in whole.within] == list(PROBLEMS_BY.values())
    anchors = [one.anchor for one in whole.within]
    assert len(set(anchors)) == len(PROBLEMS)
    assert all(re.fullmatch(r"[a-z0-9-]+", anchor) for anchor in anchors)


def test_every_picture_names_problem_cases_and_rule_and_says_what_is_seen_in_numbers(whole: Section) -> None:
    for one in whole.within:
        for part in one.parts:
            if isinstance(part, Picture):
                assert one.title in part.caption
                assert one.title in part.alt
                assert re.search(r"\d", part.alt)
                rules = [SAY(f"pictures.rule_{name}") for name in ("classes", "origins", "first")]
                assert any(rule in part.caption for rule in rules) or "all" in part.caption


def test_no_picture_has_a_colour_of_its_own_or_an_id_twice(whole: Section) -> None:
    found: list[str] = []
    for picture in pictures(whole):
        assert not re.findall(r"#[0-9a-f]{6}\b", themed(picture.svg))
        found += re.findall(r'\bid="([^"]+)"', picture.svg)
    assert len(found) == len(set(found))


def test_the_second_time_nothing_is_drawn_and_all_is_the_same(whole: Section, folder: Path) -> None:
    drawn = Drawn(folder, "1")
    assert section(run(), SAY, drawn) == whole
    assert drawn.made == 0


def test_other_words_are_other_pictures(whole: Section, tmp_path: Path) -> None:
    korean = section(only("lorenz"), Messages("ko"), Drawn(tmp_path, "1"))
    assert korean is not None
    english = [part for part in parts(whole, "lorenz") if isinstance(part, Picture)]
    for one, other in zip(english, pictures(korean), strict=True):
        assert one.caption != other.caption
        assert one.alt != other.alt
        assert one.svg != other.svg


def test_a_licence_that_allows_no_excerpt_is_named_and_no_value_of_the_data_is_drawn(whole: Section) -> None:
    about, *rest = parts(whole, "gunpoint")
    words = " ".join(getattr(about, "lines", ()))
    assert "no licence text found" in words
    assert SAY("pictures.no_excerpt") in words
    assert len(rest) == 1


def test_a_run_without_exemplars_has_no_such_section(tmp_path: Path) -> None:
    made = read_run(MadeUp(tmp_path).cell("rnn", right(30), seed=0).write())
    assert section(made, SAY, Drawn(None, "1")) is None
    older = {place: without(facts) for place, facts in run().problems.items()}
    assert section(replace(run(), problems=older), SAY, Drawn(None, "1")) is None


def without(facts: Any) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if key not in ("exemplars", "labels")}


def test_a_run_whose_answers_are_gone_draws_what_is_left() -> None:
    found = section(replace(only("co2"), file=None), SAY, Drawn(None, "1"))
    assert found is not None
    assert names(found.within[0].parts) == ["decomposition", "spectrum"]


def test_what_was_written_stands_beside_what_is_right(whole: Section) -> None:
    (grid,) = (part for part in parts(whole, "reversal") if isinstance(part, Grid))
    by = {(case, who): (said, verdict) for case, who, said, verdict in grid.rows}
    given, true = by["0", "given"][0], by["0", "true"][0]
    assert given[::-1] == true
    for (case, who), (said, verdict) in by.items():
        if who not in ("given", "true"):
            assert verdict == ("yes" if said == by[case, "true"][0] else "no")


def test_letters_are_written_together_and_words_apart() -> None:
    assert text(shown()["reversal"], "y", [1, 2]) == "12"
    words = text(shown()["caption"], "y", shown()["caption"].units[0].y.codes)
    assert words.split()[0] in ("a", "an")


def test_a_path_is_drawn_where_neighbouring_values_are_alike() -> None:
    wave = np.sin(np.arange(100) / 10)
    assert smooth(wave)
    assert not smooth(np.random.default_rng(0).standard_normal(100))
    assert not smooth(np.zeros(50))


@pytest.mark.parametrize(
    "told",
    [
        {"nearest": [], "warped": True},
        {"nearest": [{}], "warped": True},
        {"nearest": "far", "warped": True},
        {"nearest": [{"asked": "x", "found": [[1.0]], "train": 0}], "warped": True},
        {"paths": [[0, 1]]},
        {"paths": 3},
        {"paths": [["a"] * 64]},
        {"paths": [[10**30] * 64]},
    ],
)
def test_components_that_cannot_be_drawn_are_left_out(told: dict[str, Any]) -> None:
    digits = shown()["digits"]
    exhibit = replace(digits, components={"mine": {**told, "unit": digits.units[0].index}})
    assert components(Picturing(exhibit, SAY, Drawn(None, "1"))) == []


def test_marks_are_short_and_differ() -> None:
    marks = {mark_of(problem) for problem in PROBLEMS.values()}
    assert len(marks) == len(PROBLEMS)
    assert all(re.fullmatch("[0-9a-f]{6}", mark) for mark in marks)


def test_what_a_run_file_keeps_of_a_problem_is_small() -> None:
    for exhibit in shown().values():
        kept = {key: exhibit.facts[key] for key in ("exemplars", "labels") if key in exhibit.facts}
        assert len(json.dumps(kept)) < 60_000


def test_noise_stands_out_as_rarely_as_its_level_says_and_a_wave_does() -> None:
    rng = np.random.default_rng(0)
    draws = 2000
    found = sum(stands_out(rng.exponential(size=40)) for _ in range(draws)) / draws
    assert abs(found - NOISE) < 3 * np.sqrt(NOISE * (1 - NOISE) / draws)
    assert stands_out(np.array([0.1] * 30 + [5.0]))
    assert not stands_out(np.zeros(30))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_several_series_are_named_in_the_picture_and_below_it_with_the_rule(
    tmp_path: Path, language: str
) -> None:
    exhibit, say = shown()["co2"], Messages(language)
    kept = {**exhibit.kept, "rule": "series"}
    units = tuple(replace(unit, series=f"number {i}") for i, unit in enumerate(exhibit.units))
    facts = {**exhibit.facts, "exemplars": kept, "series": ["number 0", "number 1", "number 2"]}
    several = replace(exhibit, facts=facts, units=units)
    picture = problem_series.pictures(Picturing(several, say, Drawn(tmp_path, "1")))[0]
    assert "number 0, number 1, number 2" in picture.caption
    assert say("pictures.rule_series") in picture.caption
    assert all(f"number {i}" in picture.svg for i in range(3))
    assert say("pictures.per_series", n=3) in _about(several, say)[0]
    assert say("pictures.per_series", n=1) not in _about(exhibit, say)[0]
