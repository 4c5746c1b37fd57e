"""Predictions and scores per example as compressed bytes: exact to the last bit, without pickle."""

from __future__ import annotations

import io
import json
import lzma
import struct
import zlib
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from recurbench.task import Array

# The first bytes of a blob of arrays, and of one of units. Those of layout 6 are zip files of numpy.
ARRAYS = b"rcb-a1"
UNITS = b"rcb-u1"
# Kinds of numbers with an integer of the same size; numpy's own format holds all others.
KINDS = "biuf"
# Differences of bit patterns that are tried: none; to the step before; to the same time in the example before
# (forecasts from neighbouring origins); both.
WAYS: tuple[tuple[str, ...], ...] = ((), ("step",), ("diagonal",), ("diagonal", "step"))
RAW, ZLIB, LZMA = "raw", "zlib", "lzma"
# The window of zlib. LZMA finds repetitions over longer distances, but takes a millisecond to start.
WINDOW = 1 << 15
# A way is chosen on 1/SHARE of the bytes, within bounds, so that the choice costs less than the packing.
SHARE, LEAST, MOST = 16, 1 << 13, 1 << 18
# Fewer bytes than this are not worth a choice.
SMALL = 1 << 10
# Number of bytes on which randomness is tested.
SEEN = 1 << 16
# zlib is used only if it shrinks the tested bytes below this share; on random bytes it wastes time.
WORTH = 0.98
_FILTERS: list[dict[str, Any]] = [{"id": lzma.FILTER_LZMA2, "preset": 1}]

# Forecasts with more than MANY numbers are stored in single precision, if no number changes by more than
# TOLERANCE times the standard deviation of its channel.
MANY = 1 << 17
TOLERANCE = 1e-6

Units = Mapping[str, tuple[Array, Array]]


def pack(arrays: Sequence[Array]) -> bytes:
    """Compress arrays of one type whose shapes differ only in the first axis; `unpack` gives the same bits.

    The bytes are compressed as they are, or by position (all first bytes, all second bytes, ...) after one of
    WAYS, whichever is smaller. ValueError if the values would need pickle.
    """
    if not len(arrays):
        return b""
    flat, lengths = np.concatenate(arrays), np.array([len(each) for each in arrays], dtype=np.int64)
    if flat.dtype.kind not in KINDS or flat.dtype.itemsize > 8:  # in native order by now
        return _as_numpy(flat, lengths)
    equal = bool((lengths == lengths[0]).all())
    way = _chosen(flat, int(lengths[0]) if equal else 0)
    parts = [_small(lengths[:1] if equal else lengths), *_parts(flat, int(lengths[0]), way)]
    header = {
        "dtype": flat.dtype.str,
        "shape": flat.shape,
        "count": len(arrays),
        "way": way,
        "parts": [(codec, len(part)) for codec, part in parts],
    }
    return _blob(ARRAYS, header, b"".join(part for _, part in parts))


def unpack(blob: bytes) -> list[Array]:
    """The arrays that were given to `pack`; blobs of older versions can be read too."""
    if not blob:
        return []
    if not blob.startswith(ARRAYS):
        with np.load(io.BytesIO(blob), allow_pickle=False) as stored:
            flat, lengths = stored["flat"], stored["lengths"]
        return np.split(flat, np.cumsum(lengths)[:-1])
    header, body = _opened(blob, ARRAYS)
    ends = accumulate((size for _, size in header["parts"]), initial=0)
    places = zip(header["parts"], pairwise(ends), strict=True)
    first, *parts = [_expanded(codec, body[start:end]) for (codec, _), (start, end) in places]
    lengths = np.frombuffer(first, dtype=np.int64)
    if len(lengths) < header["count"]:
        lengths = np.repeat(lengths, header["count"])
    flat = _joined(parts, np.dtype(header["dtype"]), tuple(header["shape"]), int(lengths[0]), header["way"])
    return np.split(flat, np.cumsum(lengths)[:-1])


def _chosen(flat: Array, length: int) -> list[str] | None:
    """The way that compresses a sample best, None for the bytes as they are. length: 0 if it varies."""
    if flat.nbytes < SMALL:
        return None
    whole = max(length, 1)
    size = flat.nbytes // len(flat) * whole
    count = max(2, min(max(flat.nbytes // SHARE, LEAST), MOST) // size)
    sample = flat[: count * whole]
    ways: list[list[str]] = [list(way) for way in WAYS if not way or length > 1]
    sizes = {len(zlib.compress(_places(sample, length, way).tobytes(), 1)): way for way in reversed(ways)}
    least = min(sizes)
    return sizes[least] if least < len(_small(sample)[1]) else None


def _parts(flat: Array, length: int, way: Sequence[str] | None) -> list[tuple[str, bytes]]:
    """Codec and bytes of the whole, or of every byte position of the numbers."""
    if way is None:
        return [_small(flat)]
    places = _places(flat, length, way)
    return [_small(places)] if places.nbytes <= WINDOW else [_place(place.tobytes()) for place in places]


def _places(flat: Array, length: int, way: Sequence[str]) -> Array:
    """The bytes [itemsize, numbers] of the numbers or their differences: all first bytes, then all second."""
    numbers = _differences(_ordered(flat), length, way) if way else _integers(flat)
    return np.ascontiguousarray(numbers.reshape(-1).view(np.uint8).reshape(-1, numbers.dtype.itemsize).T)


def _small(array: Array) -> tuple[str, bytes]:
    """The bytes as they are, compressed by the codec that finds their repetitions."""
    data = array.tobytes()
    if len(data) > WINDOW:
        return LZMA, lzma.compress(data, format=lzma.FORMAT_RAW, filters=_FILTERS)
    return ZLIB, zlib.compress(data, 6)


def _place(data: bytes) -> tuple[str, bytes]:
    if len(zlib.compress(data[:SEEN], 1)) > WORTH * len(data[:SEEN]):
        return RAW, data
    return ZLIB, zlib.compress(data, 6)


def _expanded(codec: str, data: bytes) -> bytes:
    if codec == LZMA:
        return lzma.decompress(data, format=lzma.FORMAT_RAW, filters=_FILTERS)
    return zlib.decompress(data) if codec == ZLIB else data


def _joined(
    parts: Sequence[bytes], dtype: np.dtype[Any], shape: tuple[int, ...], length: int, way: list[str] | None
) -> Array:
    """The inverse of `_parts`."""
    if way is None:
        return np.frombuffer(parts[0], dtype=dtype).reshape(shape).copy()
    places = np.frombuffer(b"".join(parts), dtype=np.uint8).reshape(dtype.itemsize, -1)
    numbers: Array = places.T.reshape(-1).view(f"i{dtype.itemsize}")
    if way:
        numbers = _flipped(_sums(numbers, length, way, shape), dtype)
    flat: Array = numbers.view(dtype).reshape(shape)
    return flat


def _integers(flat: Array) -> Array:
    return np.ascontiguousarray(flat).view(f"i{flat.dtype.itemsize}")


def _ordered(flat: Array) -> Array:
    """Integers in the order of the numbers, so that similar numbers have a small difference."""
    return _flipped(_integers(flat), flat.dtype)


def _flipped(bits: Array, dtype: np.dtype[Any]) -> Array:
    """Map bit patterns of floats to integers in their order, and back. Other types stay unchanged."""
    if dtype.kind != "f":
        return bits
    flipped: Array = np.where(bits < 0, bits ^ np.iinfo(bits.dtype).max, bits)
    return flipped


def _differences(numbers: Array, length: int, way: Sequence[str]) -> Array:
    """Differences with the sign in the last bit, so that small ones begin with zeros. They may overflow."""
    changed = numbers.reshape(-1, length, numbers[0].size)
    for one in way:
        less = changed.copy()
        if one == "diagonal":
            less[1:, :-1] -= changed[:-1, 1:]
        else:
            less[:, 1:] -= changed[:, :-1]
        changed = less
    zigzag: Array = (changed << 1) ^ (changed >> (8 * numbers.dtype.itemsize - 1))
    return zigzag


def _sums(numbers: Array, length: int, way: Sequence[str], shape: tuple[int, ...]) -> Array:
    """The inverse of `_differences`."""
    unsigned = numbers.view(f"u{numbers.dtype.itemsize}")
    restored: Array = (unsigned >> 1).view(numbers.dtype) ^ -(numbers & 1)
    restored = restored.reshape(-1, length, int(np.prod(shape[1:], dtype=np.int64)))
    for one in reversed(way):
        if one == "diagonal":
            for before, after in pairwise(restored):
                after[:-1] += before[1:]
        else:
            np.cumsum(restored, axis=1, dtype=restored.dtype, out=restored)
    return restored


def _as_numpy(flat: Array, lengths: Array) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, flat=flat, lengths=lengths, allow_pickle=False)
    return stream.getvalue()


def _blob(tag: bytes, header: Mapping[str, Any], body: bytes) -> bytes:
    text = json.dumps(header, separators=(",", ":")).encode()
    return tag + struct.pack("<I", len(text)) + text + body


def _opened(blob: bytes, tag: bytes) -> tuple[dict[str, Any], bytes]:
    (size,) = struct.unpack_from("<I", blob, len(tag))
    start = len(tag) + 4
    return json.loads(blob[start : start + size]), blob[start + size :]


def stored_form(answers: Sequence[Array], kind: str) -> Sequence[Array]:
    """The form in which a run file stores predictions; nearly always unchanged.

    Forecasts with more than MANY numbers are stored in single precision, which halves bytes that cannot be
    compressed. Only figures read them, with five digits; scores are computed before. They stay unchanged if
    rounding would move a number by more than TOLERANCE times the deviation of its channel, or make it
    infinite.
    """
    if kind != "forecasting" or sum(each.size for each in answers) <= MANY:
        return answers
    flat = np.concatenate(answers)
    if flat.dtype != np.float64 or not np.isfinite(flat).all():
        return answers
    with np.errstate(over="ignore", under="ignore"):
        rounded = flat.astype(np.float32)
        moved, deviation = np.abs(rounded - flat).max(axis=0), flat.std(axis=0)
    if not (np.isfinite(rounded).all() and (moved <= TOLERANCE * deviation).all()):
        return answers
    return np.split(rounded, np.cumsum([len(each) for each in answers])[:-1])


def pack_units(units: Mapping[str, Array], weights: Mapping[str, Array]) -> bytes:
    """Compress one value and one weight per example and metric; equal arrays are stored once."""
    columns: dict[tuple[str, bytes], int] = {}
    arrays: list[Array] = []

    def place(array: Array) -> int:
        known = (array.dtype.str, array.tobytes())
        if known not in columns:
            columns[known] = len(arrays)
            arrays.append(array)
        return columns[known]

    header = {name: (place(values), place(weights[name])) for name, values in units.items()}
    return _blob(UNITS, {"metrics": header}, pack(arrays))


def unpack_units(blob: bytes) -> Units:
    """By metric, the values and weights that were given to `pack_units`."""
    if not blob:
        return {}
    if not blob.startswith(UNITS):
        with np.load(io.BytesIO(blob), allow_pickle=False) as stored:
            return {name: (stored[name][0], stored[name][1]) for name in stored.files}
    header, body = _opened(blob, UNITS)
    arrays = unpack(body)
    return {name: (arrays[one], arrays[other]) for name, (one, other) in header["metrics"].items()}
