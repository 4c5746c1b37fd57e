"""Networks whose kernels cover later steps, with an answer per sequence from the mean over its steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from recurbench import Split, Task, Unsupported
from recurbench.methods._networks.budget import Recipe
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.members import Ensemble, fit_members
from recurbench.methods._networks.network import Body, TrainedNetwork
from recurbench.methods._networks.sizing import sized


def fit_looking_ahead(
    name: str,
    task: Task,
    train: Split,
    recipe: Recipe,
    make: Callable[[int, int], Body],
    *,
    filters: int,
    parameters: int,
    notes: Mapping[str, Any],
    members: int = 1,
) -> TrainedNetwork | Ensemble:
    """Train a network that reads the whole sequence for every step.

    Parameters
    ----------
    name : str
        Of the method, for the message.
    task, train, recipe
        See `fit_network`.
    make : callable
        Makes the body from the number of channels and the width.
    filters, parameters : int
        The width, and the number of trainable parameters that decides it if it is above 0; see `sized`.
    notes : mapping
        Further notes of the body.
    members : int
        See `fit_members`.

    Raises
    ------
    Unsupported
        If the task is causal.
    """
    if task.length == "same" and task.causal:
        raise Unsupported(f"kernels of {name} cover later steps, and the task is causal; use tcn or cnn")

    def build(coding: Coding) -> Body:
        body = sized(coding, lambda width: make(coding.task.x.size, width), filters, parameters)
        mean = "" if task.length == "same" else "; mean over the steps there"
        body.notes = {
            "initialisation": "torch default (uniform, 1/sqrt of inputs)",
            **notes,
            "length_policy": f"padded and masked{mean}",
        }
        return body

    return fit_members(task, train, build, recipe, members)
