"""Spoken digits: the split, the features and what is refused."""

from __future__ import annotations

import os

import numpy as np
import pytest
from recurbench import catalogue
from recurbench.datasets.spoken_digits import HOP, RATE, WINDOW, log_mels, mel_bank, spoken_digits
from scipy.io import wavfile


def tone(pitch: float, samples: int = 2000) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * pitch * np.arange(samples) / RATE)).astype(np.int16)


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, os.fspath(tmp_path))
    folder = tmp_path / "spoken-digits" / "recordings"
    folder.mkdir(parents=True)
    for digit in range(3):
        for speaker in ("ann", "bob"):
            for index in (0, 4, 5, 12):
                wavfile.write(
                    folder / f"{digit}_{speaker}_{index}.wav",
                    RATE,
                    tone(500 * (digit + 1), 1000 + 80 * index),
                )
    return folder


def test_the_official_split_tests_the_first_five_of_everyone(recorded):
    problem = spoken_digits(mels=10)
    assert (len(problem.train), len(problem.test)) == (12, 12)
    assert sorted({len(x) for x in problem.test.x}) == [11, 15]
    assert sorted({len(x) for x in problem.train.x}) == [16, 23]
    assert all(x.shape[1] == 10 for x in problem.train.x)
    assert problem.task.y.size == 10
    # The label goes with its sound: the loudest band rises with the digit.
    loudest = {
        int(y[0]): int(x.mean(axis=0).argmax()) for x, y in zip(problem.train.x, problem.train.y, strict=True)
    }
    assert loudest[0] < loudest[1] < loudest[2]


def test_a_speaker_can_be_held_out_and_the_others_stay_whole(recorded):
    problem = spoken_digits(held_out="bob")
    assert set(problem.test.series) == {"bob"}
    assert set(problem.train.series) == {"ann"}
    assert (len(problem.train), len(problem.test)) == (12, 12)
    with pytest.raises(ValueError, match="no speaker is called 'eve'; known: ann, bob"):
        spoken_digits(held_out="eve")


def test_a_tone_is_loudest_in_its_band_and_silence_is_finite(tmp_path):
    bank = mel_bank(20)
    assert bank.shape == (20, WINDOW // 2 + 1)
    assert (bank.max(axis=1) > 0).all()
    for pitch in (300, 1000, 3000):
        wavfile.write(tmp_path / "a.wav", RATE, tone(pitch))
        found = log_mels(tmp_path / "a.wav", bank)
        assert len(found) == (2000 - WINDOW) // HOP + 1
        centre = np.fft.rfftfreq(WINDOW, 1 / RATE)[bank[found.mean(axis=0).argmax()].argmax()]
        assert abs(centre - pitch) < 0.15 * pitch + RATE / WINDOW
    wavfile.write(tmp_path / "a.wav", RATE, np.zeros(2000, dtype=np.int16))
    assert np.isfinite(log_mels(tmp_path / "a.wav", bank)).all()


def test_other_recordings_are_refused_with_what_was_seen(recorded, tmp_path):
    path = recorded / "0_ann_0.wav"
    for rate, samples, words in (
        (16000, tone(500), "16000 Hz, int16"),
        (RATE, np.stack([tone(500)] * 2, axis=1), "2 channels"),
        (RATE, tone(500).astype(np.float32), "float32"),
        (RATE, tone(500)[: WINDOW - 1], "less than one window"),
    ):
        wavfile.write(path, rate, samples)
        with pytest.raises(ValueError, match=words):
            spoken_digits()
    path.rename(recorded / "ann.wav")
    with pytest.raises(ValueError, match="not called DIGIT_SPEAKER_NUMBER"):
        spoken_digits()
    with pytest.raises(ValueError, match="mels must be 2 to 40"):
        mel_bank(1)


def test_the_real_recordings_have_their_known_sizes(real):
    problem = spoken_digits()
    assert (len(problem.train), len(problem.test)) == (2700, 300)
    assert np.bincount([int(y[0]) for y in problem.test.y]).tolist() == [30] * 10
    lengths = [(len(x) - 1) * HOP / RATE + WINDOW / RATE for x in (*problem.train.x, *problem.test.x)]
    # The longest lasts 2.28 s; up to one hop at the end fills no window.
    assert abs(min(lengths) - 0.14) < HOP / RATE
    assert abs(max(lengths) - 2.28) < HOP / RATE
    assert len(spoken_digits(held_out="theo").test) == 500
