"""Where attention looked: what a decoder tells, what a run keeps of it, and its picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from recurbench import Split, Task, Values, api
from recurbench.datasets.reversal import reversal
from recurbench.methods._networks.decoder import Stepwise
from recurbench.methods._networks.trained_decoder import TrainedDecoder
from recurbench.methods.recurrent import gru, lstm
from recurbench.reports.figures.attention import SPACE, attention
from recurbench.reports.figures.canvas import Drawn, draw
from recurbench.reports.page.picturing import Picturing
from recurbench.reports.page.problem_sequences import pictures
from recurbench.reports.page.problem_written import looked
from recurbench.reports.page.section import Grid
from recurbench.reports.statistics.case_studies import Exhibit, exhibits
from recurbench.reports.text.translation import Messages
from recurbench.results import read_run
from small_run import texts

PROBLEM = reversal(n_train=60, n_valid=10, n_test=8)
SMALL = "reversal[n_train=60,n_valid=10,n_test=8]"
ONE = PROBLEM.test.take([0]).blind()


def trained(make: Any = lstm, steps: int = 40, **settings: Any) -> TrainedDecoder:
    fitted = make(PROBLEM.task, PROBLEM.train, steps=steps, hidden=8, **settings)
    assert isinstance(fitted, TrainedDecoder)
    return fitted


def told(fitted: TrainedDecoder) -> dict[str, Any]:
    found = fitted.components(ONE)
    assert found is not None
    (one,) = found["attention"]
    return dict(one)


def stepwise(fitted: TrainedDecoder) -> list[list[float]]:
    """The weights of a greedy answer, written out: one step of the loop at a time."""
    net = fitted.writer
    assert isinstance(net, Stepwise)
    assert net.query is not None
    batch = fitted.coding.examples(ONE).batch(np.arange(1), dtype=torch.float64)
    rows = []
    with torch.no_grad():
        memory = net.memory_of(batch, 0)
        before, state = net.begin(1), memory.first
        while True:
            d = net.cell(net.enter(before), state if isinstance(net.cell, torch.nn.LSTM) else state[0])[0]
            scores = (net.query(d)[0, 0] * memory.states[0]).sum(dim=1)
            output, state = net.read(before, state, memory)
            before = output.argmax(dim=-1)
            if int(before) == PROBLEM.task.y.size or len(rows) == int(fitted._most(batch.lengths)):
                return rows
            rows.append((100 * torch.exp(scores) / torch.exp(scores).sum()).tolist())


@pytest.mark.parametrize(
    ("make", "settings"), [(lstm, {}), (gru, {"weights": "shared", "bidirectional": False})]
)
def test_the_weights_are_those_of_the_answer_written_step_by_step(make: Any, settings: Any) -> None:
    fitted = trained(make, **settings)
    one, (answer,) = told(fitted), fitted(ONE)
    assert one["written"] == answer.tolist() != []
    assert np.abs(np.array(one["weights"]) - np.array(stepwise(fitted))).max() <= 0.5 + 1e-9


def test_an_answer_of_a_beam_is_told_of_as_it_was_given() -> None:
    fitted = trained(beam=3)
    assert told(fitted)["written"] == fitted(ONE)[0].tolist()
    assert len(told(fitted)["weights"]) == len(fitted(ONE)[0])


def test_a_query_that_asks_for_nothing_looks_everywhere_alike() -> None:
    fitted = trained()
    assert isinstance(fitted.writer, Stepwise)
    assert fitted.writer.query is not None
    with torch.no_grad():
        fitted.writer.query.weight.zero_()
    steps = len(ONE.x[0])
    assert {weight for row in told(fitted)["weights"] for weight in row} == {round(100 / steps)}


def test_telling_changes_nothing() -> None:
    fitted = trained()
    before, state, answer = dict(fitted.notes), torch.get_rng_state(), fitted(ONE)[0]
    assert told(fitted) == told(fitted)
    assert fitted.notes.keys() == before.keys() | {"truncated"}
    assert torch.equal(torch.get_rng_state(), state)
    assert isinstance(fitted.writer, Stepwise)
    assert fitted.writer.query is not None
    assert not fitted.writer.query._forward_hooks
    assert np.array_equal(fitted(ONE)[0], answer)


def test_what_has_no_attention_tells_nothing() -> None:
    assert trained(decoder="recurrent").components(ONE) is None
    assert trained(decoder="direct").components(ONE) is None
    numbers = Task("generation", x=Values(1), y=Values(1), length="fixed", steps=3)
    data = Split([np.ones((4, 1))] * 6, [np.ones((3, 1))] * 6)
    fitted = lstm(numbers, data, steps=2, decoder="attention")
    assert isinstance(fitted, TrainedDecoder)
    assert fitted.components(data.take([0]).blind()) is None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("looked")
    networks = ["lstm[max_steps=40]", "transformer[max_steps=20]", "mlp[max_steps=20]", "edit-1nn"]
    api.run(methods=networks, datasets=[SMALL], seeds=1, out=out, jobs=0)
    return out


@pytest.fixture(scope="module")
def exhibit(folder: Path) -> Exhibit:
    (found,) = exhibits(read_run(folder))
    return found


def test_a_run_keeps_where_its_networks_looked(folder: Path) -> None:
    final = read_run(folder).final.set_index("address")["notes"]
    kept = final["lstm[max_steps=40]"]["components"]
    assert kept["unit"] == 0
    assert len(kept["attention"]) == 1
    assert "attention" in final["transformer[max_steps=20]"]["components"]
    assert "components" not in final["mlp[max_steps=20]"]
    assert "components" not in final["edit-1nn"]


def test_every_family_with_attention_has_a_picture_below_what_was_written(exhibit: Exhibit) -> None:
    this = Picturing(exhibit, Messages(), Drawn(None, ""))
    table, *found = pictures(this)
    assert isinstance(table, Grid)
    assert {picture.caption.partition(":")[0] for picture in looked(this)} == {
        "lstm, 40 steps",
        "transformer, 20 steps",
    }
    assert found == looked(this)


def test_the_picture_names_what_was_given_and_written_and_tells_the_largest_weights(
    exhibit: Exhibit,
) -> None:
    picture = next(
        one for one in looked(Picturing(exhibit, Messages(), Drawn(None, ""))) if "lstm" in one.caption
    )
    one = exhibit.components["lstm[max_steps=40]"]["attention"][0]
    across = [exhibit.name("x", int(code)) for code in exhibit.units[0].x.codes]
    down = [exhibit.name("y", code) for code in one["written"]]
    assert [word for word in texts(picture.svg).split("\n") if len(word) == 1] == [*across, *down]
    most = int(np.argmax(one["weights"][0]))
    assert f"{down[0]} ← {across[most]} {most + 1} ({one['weights'][0][most] / 100:.2f})" in picture.alt


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"attention": []},
        {"attention": [{"written": [0], "weights": [[1.0]]}]},
        {"attention": [{"written": [0], "weights": "many"}]},
        {"attention": [{"written": [], "weights": []}]},
        {"attention": 3},
        {"attention": [{"written": [0], "weights": [[10**400]]}]},
        {"attention": [{"written": [float("inf")], "weights": [[1.0]]}]},
    ],
)
def test_what_cannot_be_drawn_is_left_out(exhibit: Exhibit, wrong: dict[str, Any]) -> None:
    address = exhibit.shown[0].address
    spoilt = replace(exhibit, components={address: {**wrong, "unit": 0}})
    assert looked(Picturing(spoilt, Messages(), Drawn(None, ""))) == []


def test_long_answers_are_left_out(exhibit: Exhibit) -> None:
    one = exhibit.components["lstm[max_steps=40]"]["attention"][0]
    long = {"written": one["written"][:1] * 49, "weights": one["weights"][:1] * 49}
    short = {"written": one["written"][:1] * 48, "weights": one["weights"][:1] * 48}
    for told_of, count in ((long, 0), (short, 1)):
        changed = replace(exhibit, components={"lstm[max_steps=40]": {"attention": [told_of], "unit": 0}})
        assert len(looked(Picturing(changed, Messages(), Drawn(None, "")))) == count


def test_a_cell_is_as_dark_as_its_weight_and_a_space_can_be_seen() -> None:
    weights = np.array([[0.5, 0.01], [0.25, 0.75]])
    svg = draw(lambda: attention(weights, [" ", "$"], ["a", "b"], Messages()), "looked")
    assert svg.count('id="looked-weight"') == 3
    assert {float(value) for value in _opacities(svg)} >= {0.5, 0.25, 0.75}
    assert {SPACE, "$", "a", "b", "given", "predicted"} <= set(texts(svg).split("\n"))


def _opacities(svg: str) -> list[str]:
    return [part.partition('"')[0] for part in svg.split('opacity="')[1:]]
