"""The global generator of numpy after code that seeds it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from recurbench.methods._numpy_generator import unmoved_numpy


@unmoved_numpy()
def seed_and_fail() -> None:
    np.random.seed(5)  # noqa: NPY002
    raise KeyError


def test_the_generator_goes_on_where_it_was_even_after_an_error() -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    with pytest.raises(KeyError):
        seed_and_fail()
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_a_seed_holds_inside_the_block() -> None:
    with unmoved_numpy(2**32 + 3):
        inside = np.random.random()  # noqa: NPY002
    assert inside == np.random.RandomState(3).random()


def test_the_module_does_not_import_torch() -> None:
    code = "import sys; import recurbench.methods._numpy_generator; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
