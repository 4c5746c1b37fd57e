"""The global generator of numpy, which some libraries seed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def unmoved_numpy(seed: int | None = None) -> Iterator[None]:
    """Leave the global generator of numpy as it was.

    Parameters
    ----------
    seed : int, optional
        What it is seeded with inside the block; None leaves it as it is.
    """
    state = np.random.get_state()  # noqa: NPY002
    try:
        if seed is not None:
            np.random.seed(seed % 2**32)  # noqa: NPY002
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
