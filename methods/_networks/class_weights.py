"""Weights that make rare classes count as much as frequent ones in the training loss."""

from __future__ import annotations

import numpy as np
import torch
from recurbench.methods._networks.examples import Examples
from torch import Tensor


def class_weights(train_examples: Examples, how: str) -> Tensor | None:
    """The weight of each class in the training loss; the mean over all training answers is 1.

    Parameters
    ----------
    train_examples : Examples
        Training examples.
    how : str
        "none", or "balanced": all classes that occur have the same total weight.

    Returns
    -------
    Tensor [K] or None
        None if nothing is weighted: for "none", for answers that are no classes, and for answers of free
        length. A class that does not occur has weight 0.
    """
    task = train_examples.task
    if how == "none" or not task.y.symbols or task.length == "free":
        return None
    counts = np.bincount(np.concatenate(list(train_examples.y)), minlength=task.y.size)
    occurs = counts > 0
    weights = np.where(occurs, counts.sum() / (occurs.sum() * np.maximum(counts, 1)), 0.0)
    return torch.from_numpy(weights).float()
