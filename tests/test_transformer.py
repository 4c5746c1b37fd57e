"""The transformer encoder: who attends to whom, positions, pooling."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from padding import assert_padding_is_unseen, seen_from
from recurbench import Split, Task, Values
from recurbench.methods.transformer import POSITIONS, AttentionLayer, Encoder, rotated, sinusoids, transformer

LETTERS = Values(3, symbols=True)
CLASSES = Task("classification", LETTERS, LETTERS, "fixed")


def first_letters(seed: int, count: int, longest: int) -> Split:
    """The answer is the first of 4 to `longest` letters."""
    rng = np.random.default_rng(seed)
    x = [rng.integers(0, 3, rng.integers(4, longest + 1)) for _ in range(count)]
    return Split(x, [each[:1] for each in x])


def encoder(
    causal: bool = False, pooling: str = "mean", width: int = 6, encoding: str = "sinusoidal", heads: int = 2
) -> Encoder:
    torch.manual_seed(0)
    return Encoder(2, width, heads, 2, causal, pooling, encoding)


@pytest.mark.parametrize("encoding", POSITIONS)
@pytest.mark.parametrize(("causal", "seen"), [(True, list(range(5))), (False, list(range(9)))])
def test_a_step_sees_what_the_task_allows_and_no_padding(
    causal: bool, seen: list[int], encoding: str
) -> None:
    x = torch.randn(1, 12, 2, requires_grad=True)
    body = encoder(causal, encoding=encoding)
    assert seen_from(body.step_states(x, torch.tensor([9]))[0, 4, 0], x) == seen


@pytest.mark.parametrize("encoding", POSITIONS)
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("pooling", ["mean", "last"])
def test_what_stands_in_the_padding_is_not_seen(causal: bool, pooling: str, encoding: str) -> None:
    assert_padding_is_unseen(encoder(causal, pooling, encoding=encoding), 2)


def attended(layer: AttentionLayer, h: np.ndarray, causal: bool, encoding: str, heads: int) -> np.ndarray:
    """What the heads gather at every step of `h` [T, width], score by score."""
    asked = layer.ask(layer.before(torch.from_numpy(h))).detach().numpy()
    steps, each = len(h), asked.shape[1] // (3 * heads)
    query, key, value = asked.reshape(steps, 3, heads, each).transpose(1, 0, 2, 3)

    def turned(vector: np.ndarray, at: int) -> np.ndarray:
        wave = [complex(vector[2 * i], vector[2 * i + 1]) for i in range(each // 2)]
        wave = [z * np.exp(1j * at / 10_000 ** (2 * i / each)) for i, z in enumerate(wave)]
        return np.array([part for z in wave for part in (z.real, z.imag)])

    gathered = np.zeros((steps, heads, each))
    for head in range(heads):
        slope = 1 / 2 ** (8 * (head + 1) / heads)
        for i in range(steps):
            share = {}
            for j in range(i + 1 if causal else steps):
                q, k = query[i, head], key[j, head]
                if encoding == "rotary":
                    q, k = turned(q, i), turned(k, j)
                score = sum(q * k) / each**0.5
                share[j] = np.exp(score - (slope * abs(i - j) if encoding == "alibi" else 0))
            for j, weight in share.items():
                gathered[i, head] += weight / sum(share.values()) * value[j, head]
    return gathered.reshape(steps, -1)


@pytest.mark.parametrize("encoding", POSITIONS)
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("width", "heads"), [(6, 2), (8, 4), (5, 1)])
def test_states_are_those_of_plain_loops(encoding: str, causal: bool, width: int, heads: int) -> None:
    body = encoder(causal, "mean", width, encoding, heads).double()
    x = torch.randn(1, 7, 2, dtype=torch.float64)
    h = body.step(x[0]).detach().numpy()
    if encoding == "sinusoidal":
        for t in range(7):
            for c in range(width):
                angle = t / 10_000 ** (2 * (c // 2) / width)
                h[t, c] += np.cos(angle) if c % 2 else np.sin(angle)
    for layer in body.layers:
        assert isinstance(layer, AttentionLayer)
        mixed = torch.from_numpy(attended(layer, h, causal, encoding, heads))
        after = torch.from_numpy(h) + layer.gather(mixed)
        h = (after + layer.steps(layer.after(after))).detach().numpy()
    got = body.step_states(x, torch.tensor([7]))[0]
    assert torch.allclose(got, body.norm(torch.from_numpy(h)), atol=1e-10, rtol=0)


def test_scores_of_rotated_steps_depend_on_their_distance_only() -> None:
    query, key = torch.randn(2, 1, 1, 9, 4, dtype=torch.float64)
    scores = rotated(query) @ rotated(key).mT
    moved = rotated(torch.cat([query[..., :3, :], query], dim=-2))[..., 3:, :]
    with_it = moved @ rotated(torch.cat([key[..., :3, :], key], dim=-2))[..., 3:, :].mT
    assert torch.allclose(scores, with_it)
    assert not torch.allclose(scores, query @ key.mT)


def test_without_positions_only_the_causal_mask_knows_an_order() -> None:
    x, lengths = torch.randn(1, 6, 2, dtype=torch.float64), torch.tensor([6])
    free, causal = (encoder(each, encoding="none").double() for each in (False, True))
    assert torch.allclose(free.sequence_state(x, lengths), free.sequence_state(x.flip(1), lengths))
    assert not torch.allclose(causal.sequence_state(x, lengths), causal.sequence_state(x.flip(1), lengths))


@pytest.mark.parametrize("encoding", POSITIONS)
def test_fits_repeat_and_company_changes_no_answer(encoding: str) -> None:
    train, test = first_letters(0, 12, 9), first_letters(1, 12, 20)
    one, other = (transformer(CLASSES, train, seed=3, steps=4, positions=encoding) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one(test), other(test), strict=True))
    assert np.allclose(one(test)[3], one(test.take([3]))[0], atol=1e-9)
    assert one.notes["positions"] == encoding


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
    P = sinusoids(50, 7)
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


@pytest.mark.parametrize("encoding", POSITIONS)
@pytest.mark.parametrize("width", [1, 5, 8])
def test_any_width_will_do(width: int, encoding: str) -> None:
    body = encoder(width=width, encoding=encoding)
    assert body.step_states(torch.randn(2, 4, 2), torch.tensor([4, 2])).shape == (2, 4, width)


def test_it_finds_the_first_letter_also_of_sequences_longer_than_in_training() -> None:
    predict = transformer(CLASSES, first_letters(0, 300, 12), max_steps=150)
    test = first_letters(1, 100, 16)
    assert np.mean([a[0].argmax() == y[0] for a, y in zip(predict(test), test.y, strict=True)]) > 0.95


@pytest.mark.parametrize("encoding", ["sinusoidal", "alibi", "rotary"])
def test_the_order_of_steps_is_seen(encoding: str) -> None:
    x, lengths = torch.randn(1, 6, 2), torch.tensor([6])
    body = encoder(encoding=encoding)
    mixed = x[:, [1, 0, 2, 3, 4, 5]]
    assert not torch.allclose(body.sequence_state(x, lengths), body.sequence_state(mixed, lengths), atol=1e-4)


@pytest.mark.parametrize(("encoding", "same"), [("sinusoidal", False), ("rotary", False), ("alibi", True)])
def test_the_mean_with_alibi_is_that_of_the_reversed_sequence(encoding: str, same: bool) -> None:
    x, lengths = torch.randn(1, 6, 2), torch.tensor([6])
    ways = [encoder(encoding=encoding).sequence_state(each, lengths) for each in (x, x.flip(1))]
    assert torch.allclose(*ways, atol=1e-5) == same


def test_parameters_asked_for_choose_the_width() -> None:
    for parameters in (1000, 5000, 20_000):
        notes = transformer(CLASSES, first_letters(0, 8, 6), parameters=parameters, steps=1).notes
        assert abs(notes["parameters"] - parameters) <= 0.1 * parameters


def test_settings_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="pooling must be one of mean, last, got 'max'"):
        transformer(CLASSES, first_letters(0, 8, 6), pooling="max")
    with pytest.raises(ValueError, match=r"positions must be one of sinusoidal, none, .* got 'learned'"):
        transformer(CLASSES, first_letters(0, 8, 6), positions="learned")
    with pytest.raises(ValueError, match="heads and layers must be at least 1, got 0 and 2"):
        transformer(CLASSES, first_letters(0, 8, 6), heads=0)
