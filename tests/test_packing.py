"""Blobs of answers and scores: the same bits come back, what repeats is kept once, old blobs are read."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as made
from recurbench.packing import MANY, TOLERANCE, Array, pack, pack_units, stored_form, unpack, unpack_units

TYPES = ["<f2", "<f4", "<f8", "<i1", "<i2", "<i4", "<i8", "<u1", "<u2", "<u4", "<u8", "?"]
# What a difference of bit patterns must not lose: signs of zero, NaN with a payload, infinities, subnormals.
ODD = np.array(
    [0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 1.7976931348623157e308, -1.7976931348623157e308]
)
PAYLOAD = np.array([0x7FF8_0000_DEAD_BEEF, 0xFFF0_0000_0000_0001], dtype=np.uint64).view(np.float64)


def same(arrays: list[Array], again: list[Array]) -> bool:
    """Whether types, shapes and every bit agree."""
    words = [(each.dtype, each.shape, each.tobytes()) for each in arrays]
    return words == [(each.dtype, each.shape, each.tobytes()) for each in again]


def old(**arrays: Array) -> bytes:
    """A blob as layout 6 had it."""
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def old_answers(arrays: list[Array]) -> bytes:
    return old(flat=np.concatenate(arrays), lengths=np.array([len(each) for each in arrays]))


@st.composite
def answers(draw: st.DrawFn, equal: bool) -> list[Array]:
    """Arrays of one type with any bits, of equal lengths or of any, with none to two axes after the first."""
    dtype = np.dtype(draw(st.sampled_from(TYPES)))
    tail = draw(st.lists(st.integers(0, 3), max_size=2))
    count, length = draw(st.integers(1, 6)), draw(st.integers(0, 5))
    lengths = [length] * count if equal else [draw(st.integers(0, 5)) for _ in range(count)]
    elements = st.booleans() if dtype.kind == "b" else made.from_dtype(dtype, allow_nan=True)
    return [draw(made.arrays(dtype, (each, *tail), elements=elements)) for each in lengths]


@given(st.booleans().flatmap(answers))
def test_the_same_bits_come_back(arrays: list[Array]) -> None:
    assert same(arrays, unpack(pack(arrays)))
    assert same(arrays, unpack(old_answers(arrays)))


@given(st.sampled_from(TYPES), st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 3), st.booleans())
def test_the_same_bits_come_back_of_arrays_large_enough_for_a_choice(
    dtype: str, seed: int, length: int, channels: int, smooth: bool
) -> None:
    rng, kind = np.random.default_rng(seed), np.dtype(dtype)
    shape = (400, length, channels)
    raw = rng.bytes(int(np.prod(shape)) * kind.itemsize)
    values = np.frombuffer(raw, kind.str.replace("b", "u")).astype(kind).reshape(shape)
    if smooth:  # forecasts of one walk from neighbouring origins, for which differences are taken
        walk = rng.normal(size=(400 + length, channels)).cumsum(axis=0) * 20
        values = np.stack([walk[i : i + length] for i in range(400)]).astype(kind)
    assert same(list(values), unpack(pack(list(values))))


@pytest.mark.parametrize(
    "shapes",
    [[(96, 2, 9)] * 40, [(i % 30, 3) for i in range(400)], [(0, 2)] * 5000, [(1, 5000)] * 3, [(5000,)]],
    ids=["quantiles", "unequal lengths", "empty", "one step", "one example"],
)
@pytest.mark.parametrize("dtype", ["f4", "f8", "i8"])
def test_the_same_bits_come_back_of_any_shape(shapes: list[tuple[int, ...]], dtype: str) -> None:
    rng = np.random.default_rng(0)
    arrays = [(100 * rng.normal(size=shape).cumsum(axis=0)).astype(dtype) for shape in shapes]
    assert same(arrays, unpack(pack(arrays)))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("length", [1, 2, 7])
def test_odd_numbers_keep_their_bits_among_smooth_ones(dtype: str, length: int) -> None:
    walk = np.random.default_rng(0).normal(size=600).cumsum()
    values = np.stack([walk[i : i + length] for i in range(500)])[..., None]
    with np.errstate(all="ignore"):
        odd = np.concatenate([ODD, PAYLOAD]).astype(dtype)
    values = values.astype(dtype)
    values.reshape(-1)[40 : 40 + len(odd)] = odd
    assert same(list(values), unpack(pack(list(values))))


@pytest.mark.parametrize(
    "array",
    [
        np.array(["ab", "c"]),
        np.array(["2020-01-01"], dtype="datetime64[s]"),
        np.array([1 + 2j]),
        np.arange(3, dtype=">f8"),
        np.arange(3, dtype=np.longdouble),
        np.zeros(2, dtype=[("a", "f8"), ("b", "i4")]),
    ],
    ids=lambda array: array.dtype.str,
)
def test_values_of_other_types_come_back_too(array: Array) -> None:
    (got,) = unpack(pack([array]))
    assert (got.dtype, got.tolist()) == (array.dtype.newbyteorder("="), array.tolist())


def test_nothing_is_packed_to_nothing() -> None:
    assert (pack([]), unpack(b""), unpack_units(b"")) == (b"", [], {})


def test_packing_refuses_what_only_pickle_could_hold() -> None:
    with pytest.raises(ValueError, match="pickle"):
        pack([np.array([{"a": 1}], dtype=object)])


def test_what_comes_back_can_be_changed() -> None:
    for arrays in ([np.arange(3.0)], list(np.arange(4000.0).reshape(20, 100, 2))):
        got = unpack(pack(arrays))
        got[0][0] = 7
        assert not same(arrays, got)


def windows(repeats: Any, count: int = 400, horizon: int = 96) -> list[Array]:
    """What a naive forecast answers at `count` neighbouring origins of noise."""
    noise = np.random.default_rng(0).normal(size=(count + 200, 3))
    return [repeats(noise[: 200 + i], horizon) for i in range(count)]


@pytest.mark.parametrize(
    "repeats",
    [
        lambda past, horizon: np.repeat(past[-1:], horizon, axis=0),
        lambda past, horizon: np.resize(past[-24:], (horizon, 3)),
        lambda past, horizon: np.resize(past[-50:], (horizon, 3)),
    ],
    ids=["last value", "season of 24", "season of 50"],
)
def test_what_windows_share_is_kept_about_once(repeats: Any) -> None:
    arrays = windows(repeats)
    size = len(pack(arrays))
    # Every origin adds one row of three numbers, 24 bytes of noise, to what was answered before.
    assert size < 2.2 * 24 * len(arrays)
    assert size < 0.8 * len(old_answers(arrays))


def test_smooth_forecasts_take_less_than_by_repetition_alone() -> None:
    steps = np.arange(1200) / 40
    arrays = [np.stack([np.sin(steps[i : i + 96]), np.cos(steps[i : i + 96])], axis=1) for i in range(1000)]
    rng = np.random.default_rng(0)
    arrays = [each + 1e-9 * rng.normal(size=each.shape) for each in arrays]
    assert len(pack(arrays)) < 0.75 * len(old_answers(arrays))


def test_what_cannot_shrink_does_not_grow_either() -> None:
    noise = np.frombuffer(np.random.default_rng(0).bytes(1 << 18), dtype=np.int64)
    assert len(pack([noise])) < noise.nbytes + 1000


def test_small_answers_take_less_than_before() -> None:
    arrays = [np.array([i % 3]) for i in range(50)]
    assert len(pack(arrays)) < 0.5 * len(old_answers(arrays))


NAMES = st.text(min_size=1, max_size=8)
FLOATS = made.arrays(np.float64, 5, elements=st.floats(width=64))


@given(st.dictionaries(NAMES, st.tuples(FLOATS, FLOATS), max_size=5))
def test_units_come_back_with_their_weights(units: dict[str, tuple[Array, Array]]) -> None:
    values = {name: value for name, (value, _) in units.items()}
    weights = {name: weight for name, (_, weight) in units.items()}
    got = unpack_units(pack_units(values, weights))
    assert list(got) == list(units)
    assert all(same(list(pair), list(got[name])) for name, pair in units.items())


def test_units_of_an_older_file_are_read() -> None:
    values, weights = np.array([0.5, np.nan]), np.array([1.0, 2.0])
    got = unpack_units(old(mase=np.stack([values, weights]), smape=np.stack([weights, weights])))
    assert same([values, weights], list(got["mase"]))
    assert same([weights, weights], list(got["smape"]))


def test_weights_that_all_metrics_share_are_kept_once() -> None:
    rng = np.random.default_rng(0)
    weights, names = rng.random(3000), ("mse", "mae", "mase", "smape")
    values = {name: rng.random(3000) for name in names}
    before = old(**{name: np.stack([each, weights]) for name, each in values.items()})
    assert len(pack_units(values, dict.fromkeys(names, weights))) < 0.65 * len(before)


def many(scale: float = 1.0, shift: float = 0.0) -> list[Array]:
    rng = np.random.default_rng(0)
    return list(rng.normal(size=(MANY // 200 + 1, 100, 2)) * scale + shift)


def test_many_forecasts_are_kept_in_single_precision() -> None:
    arrays = many()
    got = stored_form(arrays, "forecasting")
    assert [each.shape for each in got] == [each.shape for each in arrays]
    assert all(each.dtype == np.float32 for each in got)
    assert np.abs(np.stack(got) - np.stack(arrays)).max() < TOLERANCE
    assert len(pack(got)) < 0.6 * len(pack(arrays))


def with_value(value: float) -> list[Array]:
    arrays = many()
    arrays[3][5, 1] = value
    return arrays


@pytest.mark.parametrize(
    ("arrays", "kind"),
    [
        (many()[:-2], "forecasting"),
        (many(), "labelling"),
        (many(shift=1e6), "forecasting"),
        (many(scale=1e300), "forecasting"),
        (many(scale=1e-300), "forecasting"),
        (with_value(np.nan), "forecasting"),
        (with_value(np.inf), "forecasting"),
        (with_value(1e39), "forecasting"),
        ([each * [1, 0] + [0, 0.1] for each in many()], "forecasting"),
        ([each.astype(np.int64) for each in many()], "forecasting"),
    ],
    ids=[
        "few numbers",
        "chances",
        "far from 0",
        "too large",
        "too small",
        "missing",
        "infinite",
        "one too large",
        "constant channel",
        "whole numbers",
    ],
)
def test_other_answers_are_kept_as_they_are(arrays: list[Array], kind: str) -> None:
    assert stored_form(arrays, kind) is arrays
