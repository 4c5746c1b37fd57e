"""How large a problem is."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurbench import About, Problem, Split, Task, Values, catalogue
from recurbench.registry import discover
from recurbench.running.job import build
from recurbench.running.sizes import WINDOWS, Size, known, parsed, read, row, size_of, written
from recurbench.suites import SUITES

ABOUT = About("here", "none", "none", "mean", "mse")
SIZES = st.builds(
    Size,
    kind=st.sampled_from(["forecasting", "labelling"]),
    **{name: st.integers(0, 10**7) for name in ("examples", "longest", "channels", "outputs", "season")},
    **{name: st.integers(0, 10**7) for name in ("asked", "held", "cuts", "fits")},
    **{name: st.floats(0, 1e7) for name in ("length", "horizon", "asked_length")},
    valid=st.booleans(),
    free=st.booleans(),
)


def classes(lengths, asked=3, valid=None):
    """Examples of two classes, of these lengths."""

    def split(counts):
        return Split([np.zeros((n, 2)) for n in counts], [np.array([i % 2]) for i in range(len(counts))])

    task = Task("classification", Values(2), Values(2, symbols=True), "fixed")
    return Problem(task, split(lengths), split([7] * asked), ABOUT, valid and split([5] * valid))


def test_lengths_are_averaged_and_the_longest_is_kept():
    size = size_of(classes([10, 20, 60, 30]))
    assert (size.examples, size.length, size.longest, size.steps) == (4, 30.0, 60, 120.0)
    assert (size.asked, size.asked_length, size.channels, size.outputs) == (3, 7.0, 2, 2)


def test_the_validation_part_is_the_one_that_a_cell_cuts():
    assert (size_of(classes([5] * 40)).held, size_of(classes([5] * 40)).cuts) == (10, 5)
    assert (size_of(classes([5] * 400)).held, size_of(classes([5] * 400)).cuts) == (100, 1)
    size = size_of(classes([5] * 40, valid=6))
    assert (size.held, size.cuts, size.valid) == (6, 1, True)


def test_where_nothing_can_be_held_out_no_inner_stage_is_counted():
    size = size_of(classes([5, 5]))
    assert (size.held, size.cuts) == (0, 0)


def test_a_forecast_is_learnt_from_so_many_windows_and_no_more():
    def one(steps):
        split = Split([np.zeros((steps, 1))], [np.zeros((3, 1))])
        return size_of(
            Problem(Task("forecasting", Values(1), Values(1), "fixed", steps=3), split, split, ABOUT)
        )

    assert one(50).windows == 50
    assert one(50_000).windows == WINDOWS
    assert one(50).horizon == 3


@given(SIZES)
def test_a_size_is_read_as_it_was_written(size):
    assert read(written(size)) == size
    assert parsed(row(size)) == size


def test_a_size_of_another_version_is_not_read():
    size = written(size_of(classes([5] * 8)))
    assert read(None) is None
    assert read({**size, "colour": 3}) is None
    assert read({key: value for key, value in size.items() if key != "asked"}) is None


def test_every_built_in_problem_that_needs_no_file_stands_in_the_table():
    registry = discover()
    suites = [name for suite in SUITES.values() for name in suite.datasets]
    choices = registry.select_datasets(suites)
    addresses = {each.address for each in choices if each.plugin.name not in catalogue.datasets()}
    assert addresses <= known().keys()


LUCK = random.Random(20)


@pytest.mark.parametrize("address", [*SUITES["quick"].datasets, *LUCK.sample(sorted(known()), 12)])
def test_the_table_is_right(address):
    (choice,) = discover().select_datasets([address])
    draw = 0 if "seed" in choice.plugin.takes else None
    assert size_of(build(choice, draw)) == known()[address]
