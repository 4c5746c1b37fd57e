"""Wav files of every form against what was written, their faults, and a lower rate."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recurbench.reading.wav_file import at_rate, read_wav
from scipy.io import wavfile

WAVE = np.array([0.0, 0.5, -0.5, 0.25, -1.0])


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("dtype", "full", "zero"),
    [("uint8", 128, 128), ("int16", 2**15, 0), ("int32", 2**31, 0), ("float32", 1, 0), ("float64", 1, 0)],
)
def test_samples_are_shares_of_full_scale_with_a_channel_per_column(
    tmp_path: Path, dtype: str, full: int, zero: int, channels: int
) -> None:
    columns = np.stack([WAVE, -WAVE / 2][:channels], axis=1)
    wavfile.write(tmp_path / "a.wav", 8000, (columns * full + zero).astype(dtype))
    rate, values = read_wav(tmp_path / "a.wav")
    assert (rate, values.shape, values.dtype) == (8000, (5, channels), np.float64)
    assert values == pytest.approx(columns, abs=0.5 / min(full, 2**15) if full > 1 else 1e-7)


@given(st.lists(st.integers(-(2**23), 2**23 - 1), min_size=1, max_size=20))
@settings(max_examples=30)
def test_samples_of_24_bits_are_read_exactly(
    tmp_path_factory: pytest.TempPathFactory, given: list[int]
) -> None:
    path = tmp_path_factory.mktemp("wav") / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(3)
        file.setframerate(44100)
        file.writeframes(b"".join(struct.pack("<i", value)[:3] for value in given))
    rate, values = read_wav(path)
    assert rate == 44100
    assert values[:, 0].tolist() == [value / 2**23 for value in given]


def test_faulty_files_are_refused_with_their_name(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    good = tmp_path / "good.wav"
    wavfile.write(good, 8000, (WAVE * 1000).astype(np.int16))
    whole = good.read_bytes()
    for content in (
        b"",
        b"no sound",
        whole[:30],
        whole[:-4],
        b"RIFX" + whole[4:20],
        whole[:20] + b"\x02" + whole[21:],
    ):
        path.write_bytes(content)
        with pytest.raises(
            ValueError, match=r"a\.wav: cannot be read as a wav file \(.*\); save it again as PCM"
        ):
            read_wav(path)
    with pytest.raises(ValueError, match="cannot be read"):
        read_wav(tmp_path / "none.wav")


def test_a_file_without_a_sample_or_with_an_infinite_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
    with pytest.raises(ValueError, match="has no sample; leave it out"):
        read_wav(path)
    wavfile.write(path, 8000, np.array([0, np.inf], dtype=np.float32))
    with pytest.raises(ValueError, match="no finite number"):
        read_wav(path)


def test_a_lower_rate_keeps_a_slow_tone_and_removes_one_that_it_cannot_hold() -> None:
    times = np.arange(8000) / 8000
    slow, fast = (np.sin(2 * np.pi * hertz * times)[:, None] for hertz in (100, 3000))
    wanted = np.sin(2 * np.pi * 100 * np.arange(2000) / 2000)
    assert at_rate(slow, 8000, 2000)[100:-100, 0] == pytest.approx(wanted[100:-100], abs=0.01)
    assert np.abs(at_rate(fast, 8000, 2000)[100:-100]).max() < 0.01


def test_the_same_rate_changes_nothing_and_a_higher_one_is_refused() -> None:
    values = WAVE[:, None]
    assert at_rate(values, 8000, 8000) is values
    with pytest.raises(ValueError, match="more than the 8000 that are there"):
        at_rate(values, 8000, 16000)
