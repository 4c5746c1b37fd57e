"""The transformer encoder: who attends to whom, positions, pooling."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from padding import assert_padding_is_unseen, seen_from
from recurbench import Split, Task, Values
from recurbench.methods.transformer import AttentionLayer, Encoder, positions, transformer

LETTERS = Values(3, symbols=True)
CLASSES = Task("classification", LETTERS, LETTERS, "fixed")


def first_letters(seed: int, count: int, longest: int) -> Split:
    """The answer is the first of 4 to `longest` letters."""
    rng = np.random.default_rng(seed)
    x = [rng.integers(0, 3, rng.integers(4, longest + 1)) for _ in range(count)]
    return Split(x, [each[:1] for each in x])


def encoder(causal: bool = False, pooling: str = "mean", width: int = 6) -> Encoder:
    return Encoder(2, width, 2, 2, causal, pooling)


@pytest.mark.parametrize(("causal", "seen"), [(True, list(range(5))), (False, list(range(9)))])
def test_a_step_sees_what_the_task_allows_and_no_padding(causal: bool, seen: list[int]) -> None:
    x = torch.randn(1, 12, 2, requires_grad=True)
    assert seen_from(encoder(causal).step_states(x, torch.tensor([9]))[0, 4, 0], x) == seen


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("pooling", ["mean", "last"])
def test_what_stands_in_the_padding_is_not_seen(causal: bool, pooling: str) -> None:
    assert_padding_is_unseen(encoder(causal, pooling), 2)


def test_a_layer_is_the_formula_of_its_paper() -> None:
    layer = AttentionLayer(4, 1).double()
    h = torch.randn(1, 5, 4, dtype=torch.float64)
    query, key, value = layer.ask(layer.before(h)).split(4, dim=2)
    weights = torch.softmax(query @ key.mT / 2.0, dim=2)  # 2: the root of the width
    after = h + layer.gather(weights @ value)
    expected = after + layer.steps(layer.after(after))
    everyone = torch.ones(1, 1, 1, 5, dtype=torch.bool)
    assert torch.allclose(layer(h, everyone), expected)


def test_each_head_attends_with_a_part_of_its_own() -> None:
    layer = AttentionLayer(4, 2).double()
    h = torch.randn(1, 5, 4, dtype=torch.float64)
    parts = layer.ask(layer.before(h)).split(2, dim=2)  # two heads of query, of key, of value
    mixed = [torch.softmax(parts[i] @ parts[2 + i].mT / 2**0.5, dim=2) @ parts[4 + i] for i in range(2)]
    after = h + layer.gather(torch.cat(mixed, dim=2))
    expected = after + layer.steps(layer.after(after))
    assert torch.allclose(layer(h, torch.ones(1, 1, 1, 5, dtype=torch.bool)), expected)


def test_positions_are_waves_from_fast_to_slow() -> None:
    P = positions(50, 7)
    t = torch.arange(50, dtype=torch.float64)
    assert torch.allclose(P[:, 0], t.sin())
    assert torch.allclose(P[:, 1], t.cos())
    assert torch.allclose(P[:, 6], (t * 10_000.0 ** (-6 / 7)).sin())
    assert torch.pdist(P).min() > 0.1


def test_the_mean_is_over_a_sequence_s_own_steps_and_the_last_is_its_last() -> None:
    x, lengths = torch.randn(2, 7, 2), torch.tensor([7, 3])
    body = encoder()
    along = body.step_states(x, lengths)
    assert torch.allclose(body.sequence_state(x, lengths)[1], along[1, :3].mean(dim=0), atol=1e-6)
    body.pooling = "last"
    assert torch.equal(body.sequence_state(x, lengths)[1], along[1, 2])


@pytest.mark.parametrize("width", [1, 5, 8])
def test_any_width_will_do(width: int) -> None:
    assert encoder(width=width).step_states(torch.randn(2, 4, 2), torch.tensor([4, 2])).shape == (2, 4, width)


def test_it_finds_the_first_letter_also_of_sequences_longer_than_in_training() -> None:
    predict = transformer(CLASSES, first_letters(0, 300, 12), max_steps=150)
    test = first_letters(1, 100, 16)
    assert np.mean([a[0].argmax() == y[0] for a, y in zip(predict(test), test.y, strict=True)]) > 0.95


def test_the_order_of_steps_is_seen() -> None:
    x = torch.randn(1, 6, 2)
    body = encoder()
    assert not torch.allclose(
        body.sequence_state(x, torch.tensor([6])),
        body.sequence_state(x.flip(1), torch.tensor([6])),
        atol=1e-4,
    )


def test_parameters_asked_for_choose_the_width() -> None:
    for parameters in (1000, 5000, 20_000):
        notes = transformer(CLASSES, first_letters(0, 8, 6), parameters=parameters, steps=1).notes
        assert abs(notes["parameters"] - parameters) <= 0.1 * parameters


def test_settings_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="pooling must be one of mean, last, got 'max'"):
        transformer(CLASSES, first_letters(0, 8, 6), pooling="max")
    with pytest.raises(ValueError, match="heads and layers must be at least 1, got 0 and 2"):
        transformer(CLASSES, first_letters(0, 8, 6), heads=0)
