"""Methods that answer wrongly, one or more for each check of the kit that is about the answers themselves."""

from dataclasses import dataclass

HEAD = '''
import numpy as np
from recurbench import Unsupported, method

MEMORY = []

def numeric(task):
    """Most of these methods are about numbers."""
    if task.x.symbols or task.y.symbols or task.y.flags:
        raise Unsupported("numbers only")

def whole(x):
    """Refuse what is missing, as a good method does."""
    if np.isnan(x).any():
        raise ValueError("values are missing")
    return x

def flat(task, split, value=1.0):
    """The same number everywhere, in memory of its own."""
    return [np.full((task.steps, task.y.size), float(value)) for _ in split.x]
'''


@dataclass(frozen=True)
class Case:
    """A method of one kind, `body`, that breaks `check`; what the finding says; what else it breaks.

    takes: its keyword-only arguments.
    """

    check: str
    kind: str
    words: str
    body: str
    others: str = ""
    takes: str = ""

    @property
    def text(self) -> str:
        """The plugin file."""
        star = f", *, {self.takes}" if self.takes else ""
        mark = f'@method("broken", family="baseline", kinds={{"{self.kind}"}})'
        return f'{HEAD}\n{mark}\ndef broken(task, train{star}):\n    """-"""{self.body}'


CASES = [
    Case(
        "import",
        "regression",
        "no_such_module_anywhere",
        """
    return flat

import no_such_module_anywhere
""",
    ),
    Case(
        "form",
        "regression",
        "wanted numbers [1, 1], got float64 [1]",
        """
    numeric(task)
    return lambda split: [np.ones(task.y.size) for _ in split.x]
""",
    ),
    Case(
        "form",
        "regression",
        "answer 0: must be a plain numpy array, got MaskedArray; use array.filled(value)",
        """
    numeric(task)
    return lambda split: [np.ma.masked_invalid(answer) for answer in flat(task, split, np.nan)]
""",
    ),
    Case(
        "form",
        "regression",
        "1 answers for 5 examples",
        """
    return lambda split: flat(task, split)[:1]
""",
    ),
    Case(
        "form",
        "classification",
        "wanted symbols (integers) [1] or probabilities (floats) [1, 3], got float64 [3]",
        """
    return lambda split: [np.full(task.y.size, 1 / task.y.size) for _ in split.x]
""",
    ),
    Case(
        "form",
        "labelling",
        "declares kind labelling but refuses the plainest problems of it: needs a longer day",
        """
    raise Unsupported("needs a longer day")
""",
    ),
    Case(
        "form",
        "labelling",
        "without a reason",
        """
    raise Unsupported
""",
    ),
    Case(
        "form",
        "regression",
        "the method returned int, wanted a callable",
        """
    return 3
""",
    ),
    Case(
        "form",
        "regression",
        "raised SystemExit: 3",
        """
    raise SystemExit(3)
""",
    ),
    Case(
        "dtype",
        "regression",
        "as floats, got int64 [1, 1]",
        """
    return lambda split: [answer.astype(int) for answer in flat(task, split)]
""",
    ),
    Case(
        "dtype",  # of what it does not refuse
        "regression",
        "as floats, got int64 [1, 1]",
        """
    if not task.x.symbols:
        raise Unsupported("symbols only")
    return lambda split: [answer.astype(int) for answer in flat(task, split)]
""",
    ),
    Case(
        "dtype",
        "classification",
        "got <U1 [1]",
        """
    return lambda split: [np.array(["a"]) for _ in split.x]
""",
    ),
    Case(
        "values",
        "regression",
        "NaN or infinite",
        """
    return lambda split: flat(task, split, np.nan)
""",
    ),
    Case(
        "values",
        "classification",
        "must sum to 1",
        """
    return lambda split: flat(task, split, 0.5)
""",
    ),
    Case(
        "values",
        "classification",
        "symbols must be 0..2, got 7..7",
        """
    return lambda split: [np.array([7]) for _ in split.x]
""",
    ),
    Case(
        "unequal-lengths",
        "regression",
        "raised ValueError",
        """
    numeric(task)
    level = whole(np.stack(train.x)).mean()
    return lambda split: flat(task, split, level)
""",
    ),
    Case(
        "length-1",
        "regression",
        "NaN",
        """
    numeric(task)
    return lambda split: [np.full((task.steps, task.y.size), np.diff(whole(x)[:, 0]).mean()) for x in split.x]
""",
    ),
    Case(
        "constant",
        "regression",
        "NaN",
        """
    numeric(task)
    known = np.concatenate([whole(x) for x in train.x])
    def predict(split):
        z = [((whole(x) - known.mean()) / known.std()).mean() for x in split.x]
        return [np.full((task.steps, task.y.size), value) for value in z]
    return predict
""",
    ),
    Case(
        "constant",
        "forecasting",
        "NaN",
        """
    def line(x):
        z = (whole(x) - x.mean(axis=0)) / x.std(axis=0)
        return np.tile(z[-1, : task.y.size], (task.steps, 1))
    return lambda split: [line(x) for x in split.x]
""",
        "length-1 units",
    ),
    Case(
        "few-examples",
        "regression",
        "NaN",
        """
    spread = np.std([whole(y) for y in train.y], ddof=1)
    return lambda split: flat(task, split, spread)
""",
    ),
    Case(
        "missing-class",
        "classification",
        "raised RuntimeError: a class has no example (mine.py, line ",
        """
    counts = np.bincount(np.concatenate(train.y), minlength=task.y.size)
    if counts.min() == 0:
        raise RuntimeError("a class has no example")
    return lambda split: [counts[None] / counts.sum() for _ in split.x]
""",
    ),
    Case(
        "missing-class",
        "classification",
        "got float64 [1, 2]",
        """
    known = np.unique(np.concatenate(train.y))
    return lambda split: [np.full((1, len(known)), 1 / len(known)) for _ in split.x]
""",
    ),
    Case(
        "missing-class",
        "labelling",
        "got float64 [12, 1]",
        """
    if not task.y.symbols:
        raise Unsupported("symbols only")
    known = max(y.max() for y in train.y) + 1
    return lambda split: [np.full((len(x), known), 1 / known) for x in split.x]
""",
        "few-examples",  # a sequence of one symbol lacks the other
    ),
    Case(
        "unseen-lengths",
        "regression",
        "mismatch",
        """
    numeric(task)
    if len({len(x) for x in train.x}) > 1:
        raise Unsupported("needs one length")
    inputs = np.stack([whole(x).ravel() for x in train.x])
    weights = np.linalg.lstsq(inputs, np.stack([whole(y).ravel() for y in train.y]), rcond=None)[0]
    return lambda split: [(whole(x).ravel() @ weights).reshape(task.steps, -1) for x in split.x]
""",
        "length-1",
    ),
    Case(
        "missing",
        "regression",
        "NaN",
        """
    numeric(task)
    return lambda split: [np.full((task.steps, task.y.size), x.mean()) for x in split.x]
""",
    ),
    Case(
        "missing",
        "regression",
        "must say that values are missing",
        """
    numeric(task)
    def predict(split):
        if any(np.isnan(x).any() for x in split.x):
            raise ValueError("bad input")
        return flat(task, split)
    return predict
""",
    ),
    Case(
        "missing",
        "regression",
        "with missing values (NaN) in x of train it raised RuntimeError: singular (mine.py, line ",
        """
    if any(np.isnan(x).any() for x in train.x if not task.x.symbols):
        raise RuntimeError("singular")
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "missing",  # a refusal of one gap is no leave for the others
        "regression",
        "NaN) in the answers of train",
        """
    numeric(task)
    level = np.mean([y for y in train.y], axis=0)
    def predict(split):
        if any(np.isnan(x).any() for x in split.x):
            raise Unsupported("values are missing")
        return [level.copy() for _ in split.x]
    return predict
""",
    ),
    Case(
        "missing",
        "regression",
        "NaN) in the answers of train",
        """
    level = np.mean([y for y in train.y], axis=0)
    return lambda split: [level.copy() for _ in split.x]
""",
    ),
    Case(
        "missing",
        "forecasting",
        "NaN) in covariates known in advance",
        """
    if not len(train.ahead):
        return lambda split: flat(task, split)
    return lambda split: [np.full((task.steps, task.y.size), ahead.mean()) for ahead in split.ahead]
""",
        "units",
    ),
]
