"""What `recurbench.run` takes in Python, read or refused before anything runs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from recurbench.api import prepare
from recurbench.cli.options import PARAMETERS
from recurbench.given_table import with_file
from recurbench.keywords import request_of
from recurbench.reading.proposal import GIVEN
from recurbench.request import Request

FRAME = pd.DataFrame({"unique_id": "a", "ds": range(40), "y": [float(i % 4) for i in range(40)]})


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_options_of_ones_own_data_stand_beside_the_fields_of_a_request() -> None:
    found = request_of("quick", {"data": "a.csv", "horizon": 12, "ahead": "price,promo", "seeds": 2})
    dials = {"horizon": 12, "ahead": ["price", "promo"]}
    assert found == Request("quick", data="a.csv", seeds=2, dials=dials)


def test_an_option_that_is_none_counts_as_not_given() -> None:
    assert request_of("quick", {"horizon": None, "target": None}) == Request()


def test_options_and_dials_are_one() -> None:
    found = request_of("quick", {"data": "a.csv", "dials": {"period": 4}, "horizon": 12})
    assert found.dials == {"period": 4, "horizon": 12}


def test_each_data_option_of_the_command_line_is_a_keyword() -> None:
    told = {
        parameter.name
        for decorate in PARAMETERS
        for parameter in decorate(lambda: None).__click_params__
        if (getattr(parameter, "help", "") or "").startswith("With --data")
    }
    assert {"horizon", "ahead", "frequency"} <= told <= set(GIVEN)


@pytest.mark.parametrize("first", [True, False])
def test_a_frame_becomes_a_file_in_the_directory_of_the_run(place: Path, first: bool) -> None:
    out = {"out": "mine"}
    found = with_file(request_of(FRAME, out) if first else request_of("quick", {"data": FRAME, **out}))
    assert (found.data, found.out, found.suite) == (Path("mine/data.csv"), Path("mine"), "quick")
    pd.testing.assert_frame_equal(pd.read_csv(place / "mine" / "data.csv"), FRAME)


def test_the_first_argument_may_be_the_path_of_a_file() -> None:
    assert request_of(Path("a.csv"), {}) == Request(data=Path("a.csv"))


def test_data_that_is_given_twice_is_refused() -> None:
    with pytest.raises(TypeError, match="twice"):
        request_of(FRAME, {"data": FRAME})


def test_the_name_of_a_file_in_place_of_a_suite_is_refused_with_how_to_write_it(place: Path) -> None:
    (place / "sales.csv").write_text("y\n1\n")
    with pytest.raises(ValueError, match=r"write run\(data='sales.csv'\)"):
        request_of("sales.csv", {})


def test_options_without_data_are_refused_with_the_two_ways_to_write_them() -> None:
    with pytest.raises(ValueError, match=r"horizon.*airline\[horizon=6\]"):
        request_of("quick", {"datasets": "airline", "horizon": 6})


def test_a_keyword_that_is_not_known_is_refused_with_the_nearest() -> None:
    with pytest.raises(TypeError, match=r"'horizn'; nearest: horizon"):
        request_of("quick", {"horizn": 6})


def test_a_first_argument_that_is_none_is_no_suite() -> None:
    with pytest.raises(ValueError, match="suite is None, wanted text"):
        prepare(request_of(None, {}))


def test_dials_that_are_no_mapping_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"dials is \[1\], wanted a dict"):
        prepare(request_of("quick", {"data": FRAME, "dials": [1], "horizon": 2}))


@pytest.mark.parametrize("data", [[1.0, 2.0], {"y": [1]}, 3, object()])
def test_data_of_another_type_is_refused_with_what_is_wanted(data: object) -> None:
    with pytest.raises(ValueError, match=r"wanted the path of a file or a DataFrame"):
        with_file(request_of("quick", {"data": data}))
