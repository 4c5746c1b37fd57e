"""Reader of wav files: the sample rate, and the samples as numbers from -1 to 1."""

from __future__ import annotations

import math
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile
from scipy.signal import resample_poly

FULL = {"uint8": 128.0, "int16": 32768.0, "int32": 2147483648.0}
FORMS = "PCM with 8, 16, 24 or 32 bits, or floating point"


def read_wav(path: Path) -> tuple[int, NDArray[np.float64]]:
    """Read a wav file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    rate : int
        Samples per second.
    values : array of float
        [samples, channels]. Whole numbers are divided by the largest one of their size, so full scale is 1;
        numbers with a decimal point are as they are in the file.

    Raises
    ------
    ValueError
        If the file cannot be read, is compressed or cut short, or has no sample or an infinite one.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)
            # A file that is cut short is read up to its end with a warning; unknown parts are only skipped.
            warnings.filterwarnings("error", "Reached EOF", wavfile.WavFileWarning)
            rate, stored = wavfile.read(path)
    except Exception as error:  # a broken header makes scipy raise many kinds of errors
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ValueError(
            f"{path}: cannot be read as a wav file ({why.rstrip('.')}); save it again as {FORMS}, or leave "
            "it out"
        ) from None
    if not len(stored):
        raise ValueError(f"{path}: has no sample; leave it out")
    values = _scaled(stored)
    if not np.isfinite(values).all():
        raise ValueError(f"{path}: has a sample that is no finite number; save it again, or leave it out")
    return int(rate), values


def _scaled(stored: NDArray[np.generic]) -> NDArray[np.float64]:
    """The samples [samples, channels]; scipy gives 24 bits as the upper ones of 32."""
    kind = str(stored.dtype)
    values = np.asarray(stored, dtype=np.float64).reshape(len(stored), -1)
    if kind == "uint8":
        values = values - FULL[kind]
    return values / FULL.get(kind, 1.0)


def at_rate(values: NDArray[np.float64], rate: int, wanted: int) -> NDArray[np.float64]:
    """Bring samples to a lower rate.

    Parameters
    ----------
    values : array of float
        [samples, channels].
    rate, wanted : int
        Samples per second, now and afterwards; `wanted` is at most `rate`.

    Returns
    -------
    array of float
        [about samples * wanted / rate, channels]. A filter first removes what the lower rate cannot hold
        (polyphase filtering of `scipy.signal.resample_poly`, with its default window).

    Raises
    ------
    ValueError
        If `wanted` is above `rate`.
    """
    if wanted > rate:
        raise ValueError(f"{wanted} samples per second are more than the {rate} that are there")
    if wanted == rate:
        return values
    shared = math.gcd(rate, wanted)
    lower: NDArray[np.float64] = resample_poly(values, wanted // shared, rate // shared, axis=0)
    return lower
