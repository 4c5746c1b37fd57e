"""The networks of a run, trained again and measured: the same ones, the right moments, what is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from recurbench.api import Request, perform, prepare
from recurbench.cli import gradients
from recurbench.cli.gradients import GradientsFile, Measured, measure
from recurbench.cli.main import main
from recurbench.methods._networks.encoding import learn_coding
from recurbench.methods._networks.gradients import gradient_by_lag, slope
from recurbench.methods._networks.network import fixed_rng
from recurbench.methods._networks.recurrence import Shape, recurrent
from recurbench.registry import discover
from recurbench.reports.page.page_tables import problems_of
from recurbench.reports.statistics.gradients import networks
from recurbench.running.job import build
from small_run import PROBLEMS, small


@pytest.fixture(scope="module")
def found() -> list[Measured]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gradients, "EARLY", 5)
        return list(measure(small(), discover()))


def test_they_are_the_trained_recurrent_networks_and_the_tcn_of_the_first_problem(
    found: Sequence[Measured],
) -> None:
    named = [(one.problem, one.method.partition("[")[0], one.seed, one.data_seed) for one in found]
    first = problems_of(small())[0]
    assert named == [(first, "gru", 0, 0), (first, "tcn", 0, 0)]
    assert found[0].initialisation == "W orthogonal per gate, biases 0, U torch default"


def test_trained_again_they_score_what_the_run_holds(found: Sequence[Measured]) -> None:
    final = small().final.set_index("key")
    for one in found:
        assert one.score == pytest.approx(final.at[one.key, "score"], abs=1e-12)
        assert one.recorded == final.at[one.key, "score"]
        assert one.steps == final.at[one.key, "notes"]["steps"]


def test_the_start_is_the_network_as_it_was_drawn(found: Sequence[Measured]) -> None:
    problem = build(discover().select_datasets([PROBLEMS[0]])[0], 0)
    coding, _ = learn_coding(problem.task, problem.train)
    batch = coding.examples(problem.test).batch(range(len(problem.test)))
    with fixed_rng(0):
        body = recurrent(coding.task.x.size, Shape("gru", 32))
    drawn = gradient_by_lag(body, batch.x, batch.lengths)
    assert found[0].moments[0].norms == pytest.approx(drawn, rel=1e-5)


def test_every_moment_is_another_network_and_comes_in_its_order(found: Sequence[Measured]) -> None:
    for one in found:
        assert [moment.when for moment in one.moments] == ["start", "100 steps", "trained"]
        assert len({tuple(moment.norms) for moment in one.moments}) == 3
        assert all(len(moment.norms) == 8 for moment in one.moments)  # the length of the test sequences


def test_training_shorter_than_the_early_moment_has_none() -> None:
    (one,) = measure(small(), discover(), [PROBLEMS[1]], ["tcn"])
    assert one.problem == problems_of(small())[1]
    assert [moment.when for moment in one.moments] == ["start", "trained"]


def test_the_slope_reaches_as_far_as_the_sequences_and_needs_some(found: Sequence[Measured]) -> None:
    assert all(moment.slope is None for one in found for moment in one.moments)
    (one,) = measure(small(), discover(), [PROBLEMS[1]], ["gru"])
    assert len(one.moments[0].norms) == 12
    assert one.moments[0].slope == pytest.approx(slope(list(one.moments[0].norms), farthest=11), abs=1e-4)


def test_code_that_has_changed_since_is_refused() -> None:
    run = small()
    changed = dataclasses.replace(run, cells=run.cells.assign(code="another"))
    with pytest.raises(
        ValueError, match=r"the code of gru, or of a package it uses, has changed since the run"
    ):
        next(measure(changed, discover()))


def test_a_problem_without_networks_is_refused_with_those_that_have_some() -> None:
    with pytest.raises(ValueError, match=r"no trained network on lorenz; problems that have one: parity\["):
        next(measure(small(), discover(), ["lorenz"]))
    with pytest.raises(ValueError, match="has no recurrent network that was trained by optimizer steps"):
        next(measure(small(), discover(), (), ["esn"]))


def test_measuring_more_keeps_what_was_measured_before(tmp_path: Path, found: Sequence[Measured]) -> None:
    kept = GradientsFile(tmp_path)
    for one in found:
        kept.add(one)
        assert networks(kept.path)[-1]["key"] == one.key  # also where the next one fails
    GradientsFile(tmp_path).add(dataclasses.replace(found[0], score=0.25))
    assert {one["key"]: one["score"] for one in networks(kept.path)} == {
        found[0].key: 0.25,
        found[1].key: found[1].score,
    }


def test_a_broken_file_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    (tmp_path / "gradients.json").write_text('{"networks": [', encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"is not what `recurbench gradients` writes .*; delete it, or measure"
    ):
        GradientsFile(tmp_path)


def test_the_command_prints_a_line_per_network_and_leaves_torch_alone(tmp_path: Path) -> None:
    wanted = Request(methods=("rnn[max_steps=20]",), datasets=PROBLEMS[1:], seeds=1, out=tmp_path, jobs=0)
    perform(prepare(wanted))
    state = torch.get_rng_state()
    done = CliRunner().invoke(main, ["gradients", str(tmp_path)])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[1].split() == ["network", "start", "100", "steps", "trained", "score", "steps"]
    assert lines[2].startswith("rnn[max_steps=20] ")
    assert "in the run" not in lines[2]
    assert f"Gradients: {tmp_path / 'gradients.json'}" in done.output
    assert torch.equal(torch.get_rng_state(), state)
    refused = CliRunner().invoke(main, ["gradients", str(tmp_path), "--methods", "lstm"])
    assert refused.exit_code == 2
