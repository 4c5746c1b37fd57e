"""How fast the gradient fades over lag, at the start and after training, by cell and initialisation.

Prints the slope d ln J / dk over lags 5 to 59 for inputs of 200 steps: J(k) is the mean size of the
derivative of the last state by the input k steps before (`recurbench.methods._gradients`). Trained on running
parity, whose state must be carried from the first step to the last.
"""

from __future__ import annotations

from recurbench.datasets.parity import parity
from recurbench.methods._examples import learn_coding
from recurbench.methods._gradients import gradient_by_lag, slope
from recurbench.methods._network import alone
from recurbench.methods._recurrence import Shape, recurrent
from recurbench.methods._training import Recipe, fit_network

CASES = (
    ("rnn", "default", 64),
    ("rnn", "orthogonal", 64),
    ("gru", "default", 32),
    ("gru", "orthogonal", 32),
    ("lstm", "default", 32),
    ("lstm", "forget-only", 32),
    ("lstm", "orthogonal", 32),
)
SEED = 0


def main() -> None:
    """Train every case and print its row."""
    problem = parity(seed=SEED)
    coding, _ = learn_coding(problem.task, problem.train)
    examples = coding.examples(problem.test)
    batch = examples.batch(range(64))
    print("slope of ln J over lag; last-step accuracy on parity at 200 steps")
    print(f"{'cell':<6}{'initialisation':<16}{'at the start':>12}{'trained':>10}{'accuracy':>10}{'steps':>7}")
    for cell, init, hidden in CASES:
        shape = Shape(cell, hidden, init=init)
        with alone(SEED):
            start = recurrent(problem.task.x.size, shape)
        before = slope(gradient_by_lag(start, batch.x, batch.lengths))
        recipe = Recipe(SEED, problem.valid, None)
        fitted = fit_network(
            problem.task, problem.train, lambda _, s=shape: recurrent(problem.task.x.size, s), recipe
        )
        after = slope(gradient_by_lag(fitted.net.body, batch.x, batch.lengths))
        right = [a[-1].argmax() == y[-1] for a, y in zip(fitted(problem.test), problem.test.y, strict=True)]
        share = sum(right) / len(right)
        print(
            f"{cell:<6}{init:<16}{before:>12.3f}{after:>10.3f}{share:>10.3f}{fitted.notes['steps']:>7}",
            flush=True,
        )


if __name__ == "__main__":
    main()
