"""Spoken digits: mel spectra of recordings of different lengths, from wav files in the data folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from recurbench import Problem, Split, Task, Values, dataset
from recurbench.catalogue import files
from recurbench.datasets._fetched import about
from recurbench.task import Array
from scipy.io import wavfile

RATE = 8000
WINDOW, HOP = 200, 80  # samples: 25 ms, every 10 ms
FLOOR = 1e-6  # the energy of silence
TESTED = 5  # the official test part: recordings 0 to 4 of every digit and speaker


@dataset("spoken-digits", kind="classification")
def spoken_digits(*, mels: int = 20, held_out: str = "") -> Problem:
    """Digits spoken by six people, as log mel energies every 10 ms (2700 + 300 recordings; FSDD).

    Parameters
    ----------
    mels : int
        Frequency bands.
    held_out : str
        A speaker to test on, with the other speakers in train; empty: the official split.
    """
    paths = files("spoken-digits", {})
    names = [_named(path) for path in paths]
    speakers = sorted({speaker for _, speaker, _ in names})
    if held_out and held_out not in speakers:
        raise ValueError(f"no speaker is called {held_out!r}; known: {', '.join(speakers)}")
    bank = mel_bank(mels)
    sounds = [log_mels(path, bank) for path in paths]
    tested = [speaker == held_out if held_out else index < TESTED for _, speaker, index in names]
    train, test = (
        _split(sounds, names, [i for i, one in enumerate(tested) if one is side], bool(held_out))
        for side in (False, True)
    )
    task = Task(
        "classification",
        x=Values(mels),
        y=Values(10, symbols=True, names=tuple("0123456789")),
        length="fixed",
    )
    split = (
        f"test on the speaker {held_out}"
        if held_out
        else f"official split: recordings 0 to {TESTED - 1} test"
    )
    protocol = f"{split}; logarithms of {mels} mel band energies, windows of 25 ms every 10 ms"
    return Problem(task, train, test, about("spoken-digits", protocol, "most-common", "accuracy"))


def _named(path: Path) -> tuple[int, str, int]:
    """The digit, the speaker and the number of a recording."""
    match = re.fullmatch(r"(\d)_([a-z]+)_(\d+)", path.stem)
    if match is None:
        raise ValueError(f"{path} is not called DIGIT_SPEAKER_NUMBER.wav")
    return int(match[1]), match[2], int(match[3])


def _split(
    sounds: Sequence[Array], names: Sequence[tuple[int, str, int]], part: Sequence[int], by_speaker: bool
) -> Split:
    """The examples of a part. If a speaker is held out, validation also holds out whole speakers."""
    series = tuple(names[i][1] for i in part) if by_speaker else ()
    return Split([sounds[i] for i in part], [np.array([names[i][0]]) for i in part], series=series)


def mel_bank(mels: int) -> Array:
    """Triangular filters [mels, WINDOW // 2 + 1], even on the mel scale (O'Shaughnessy 1987) up to 4 kHz."""
    if not 2 <= mels <= 40:
        raise ValueError(f"mels must be 2 to 40, got {mels}")
    edges = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + RATE / 2 / 700), mels + 2) / 2595) - 1)
    pitches = np.fft.rfftfreq(WINDOW, 1 / RATE)
    low, mid, high = (edges[k : k + mels, None] for k in range(3))
    bank: Array = np.clip(np.minimum((pitches - low) / (mid - low), (high - pitches) / (high - mid)), 0, None)
    return bank


def log_mels(path: Path, bank: Array) -> Array:
    """The natural logarithm of the energy in every band, [T, mels]."""
    rate, samples = wavfile.read(path)
    if rate != RATE or samples.ndim != 1 or samples.dtype != np.int16:
        raise ValueError(
            f"{path}: {rate} Hz, {samples.dtype}, {samples.ndim} channels; needed are {RATE} Hz, int16, mono"
        )
    if len(samples) < WINDOW:
        raise ValueError(f"{path}: {len(samples)} samples are less than one window of {WINDOW}")
    frames = np.lib.stride_tricks.sliding_window_view(samples / 32768.0, WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW))) ** 2
    energies: Array = np.log(power @ bank.T + FLOOR)
    return energies
