"""The loss of the best answer that looks at nothing."""

import numpy as np
import pytest
import torch
from recurbench import Split, Task, Values
from recurbench.methods._networks.constant_answer import constant_output, gain_of
from recurbench.methods._networks.encoding import learn_coding
from recurbench.methods._networks.network import Net


class Always(Net):
    """A network whose output is the same tensor everywhere."""

    def __init__(self, task, output):
        super().__init__(task, None)
        self.output = torch.nn.Parameter(output, requires_grad=False)

    def forward(self, batch):
        return self.output.expand(*batch.mask.shape, *self.output.shape)


def trivial_loss(known, asked):
    return gain_of(Always(known.task, constant_output(known)), known, asked).constant_loss


def coded(task, y, x=None):
    split = Split(x or [np.zeros((len(one) if task.length == "same" else 2, 1)) for one in y], y)
    coding, cut = learn_coding(task, split)
    return coding.examples(cut)


def test_symbols_cost_the_entropy_of_their_frequencies():
    task = Task("labelling", Values(1), Values(2, symbols=True), "same")
    known = coded(task, [np.array([0, 0, 0, 1])] * 500)
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert trivial_loss(known, known) == pytest.approx(entropy, abs=1e-3)


def test_flags_cost_the_entropy_of_each_channel():
    task = Task("labelling", Values(1), Values(2, flags=True), "same")
    known = coded(task, [np.array([[1.0, 0.0], [0.0, 0.0]])] * 500)
    assert trivial_loss(known, known) == pytest.approx(np.log(2) / 2, abs=5e-3)


def test_numbers_cost_their_variance_which_scaling_makes_one():
    task = Task("regression", Values(1), Values(1), "fixed")
    known = coded(task, [np.array([[float(i)]]) for i in range(10)])
    assert trivial_loss(known, known) == pytest.approx(1.0)


def test_quantiles_are_those_of_the_answers():
    task = Task("regression", Values(1), Values(1), "fixed", quantiles=(0.1, 0.5, 0.9))
    known = coded(task, [np.array([[float(i)]]) for i in range(101)])
    spread = np.std(np.arange(101))
    assert constant_output(known).numpy()[0] * spread + 50 == pytest.approx([10, 50, 90], abs=1e-3)


def test_a_forecast_is_measured_from_the_naive_one_it_corrects():
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=1)
    x = np.arange(40.0)[:, None]
    coding, cut = learn_coding(task, Split([x[:-1]], [x[-1:]]))
    known = coding.examples(cut)
    # A straight line: the last value is one step off in every window.
    scale = np.mean([1 / s**2 for s in known.scale])
    assert trivial_loss(known, known) == pytest.approx(scale, rel=1e-5)


def test_a_constant_output_gains_nothing_and_a_better_one_what_it_is_better_by():
    task = Task("labelling", Values(1), Values(2, symbols=True), "same")
    known = coded(task, [np.array([0, 0, 0, 1][: 1 + i % 4]) for i in range(400)])
    same = gain_of(Always(task, constant_output(known)), known, known)
    assert (same.mean, same.error, same.learned) == (pytest.approx(0), pytest.approx(0), False)
    worse = gain_of(Always(task, torch.zeros(2)), known, known)
    assert worse.mean == pytest.approx(same.constant_loss - np.log(2), abs=1e-6)
    assert not worse.learned


def test_the_error_of_a_gain_is_that_of_the_mean_of_paired_differences():
    task = Task("regression", Values(1), Values(1), "fixed")
    known = coded(task, [np.array([[float(i)]]) for i in range(10)])
    gain = gain_of(Always(task, torch.tensor([0.5])), known, known)
    scaled = np.array([y[0, 0] for y in known.y])
    differences = scaled**2 - (scaled - 0.5) ** 2
    assert gain.mean == pytest.approx(differences.mean(), abs=1e-6)
    assert gain.error == pytest.approx(differences.std(ddof=1) / np.sqrt(10), rel=1e-5)


def test_the_quantiles_of_a_forecast_are_those_of_the_errors_of_its_reference_at_each_step():
    task = Task("forecasting", Values(1), Values(1), "fixed", steps=2, quantiles=(0.1, 0.5, 0.9))
    walk = np.random.default_rng(0).normal(size=(500, 1)).cumsum(axis=0)
    coding, cut = learn_coding(task, Split([walk[:-2]], [walk[-2:]]), reference="last")
    known = coding.examples(cut)
    low, middle, high = constant_output(known).numpy()[:, 0].T
    assert low == pytest.approx(np.quantile([y[:, 0] for y in known.y], 0.1, axis=0), rel=1e-5)
    assert high[1] - low[1] > high[0] - low[0] > 0
    assert abs(middle).max() < high[0]
    assert gain_of(Always(task, torch.zeros(1, 3)), known, known).mean < 0
