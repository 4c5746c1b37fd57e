"""Methods that use what an answer may not depend on, one or more for each check of the kit about that."""

from broken_answers import Case

CASES = [
    Case(
        "batch",
        "regression",
        "alone than together with the others",
        """
    numeric(task)
    def predict(split):
        return flat(task, split, np.mean([whole(x).mean() for x in split.x]))
    return predict
""",
    ),
    Case(
        "batch",  # padding counts as values, which shows only beside longer examples
        "regression",
        "padding",
        """
    numeric(task)
    def predict(split):
        longest = max(len(x) for x in split.x)
        return [np.full((task.steps, task.y.size), whole(x).sum() / longest) for x in split.x]
    return predict
""",
    ),
    Case(
        "batch",  # the place in the batch decides
        "classification",
        "got a different answer alone",
        """
    chances = np.eye(task.y.size)
    return lambda split: [chances[[i % task.y.size]] for i in range(len(split))]
""",
        "order",
    ),
    Case(
        "order",  # the second example is answered from the first
        "regression",
        "in another order",
        """
    numeric(task)
    def predict(split):
        levels = [whole(x).mean() for x in split.x]
        if len(levels) > 2:
            levels[1] = levels[0]
        return [np.full((task.steps, task.y.size), level) for level in levels]
    return predict
""",
    ),
    Case(
        "future",
        "forecasting",
        "other values after its origin",
        """
    def predict(split):
        answers = []
        for x, name in zip(split.x, split.series):
            longest = max((z for z, other in zip(split.x, split.series) if other == name), key=len)
            ahead = whole(longest)[len(x) : len(x) + task.steps, : task.y.size]
            last = np.tile(whole(x)[-1, : task.y.size], (task.steps, 1))
            answers.append(ahead.copy() if len(ahead) == task.steps else last)
        return answers
    return predict
""",
        "batch",
    ),
    Case(
        "causal",
        "labelling",
        "in a causal task",
        """
    numeric(task)
    return lambda split: [np.cumsum(whole(x)[::-1, : task.y.size], axis=0)[::-1] for x in split.x]
""",
    ),
    Case(
        "likelihood",
        "classification",
        "sum to 0.3",
        """
    class Odd:
        def __call__(self, split):
            return flat(task, split, 1 / task.y.size)
        def log_likelihood(self, split):
            return [np.log([0.1]) for _ in split.x]
    return Odd()
""",
    ),
    Case(
        "likelihood",
        "labelling",
        "changed an earlier term",
        """
    numeric(task)
    class Odd:
        def __call__(self, split):
            return [np.full((len(x), task.y.size), 0.5) for x in split.x]
        def log_likelihood(self, split):
            return [np.full(len(y), -np.abs(y).sum()) for y in split.y]
    return Odd()
""",
    ),
    Case(
        "likelihood",
        "forecasting",
        "one term per answered step",
        """
    class Odd:
        def __call__(self, split):
            return flat(task, split)
        def log_likelihood(self, split):
            return [np.zeros(1) for _ in split.x]
    return Odd()
""",
        "units",
    ),
    Case(
        "likelihood",
        "forecasting",
        "NaN or +inf",
        """
    class Odd:
        def __call__(self, split):
            return flat(task, split)
        def log_likelihood(self, split):
            return [np.full(task.steps, np.nan) for _ in split.x]
    return Odd()
""",
        "units",
    ),
    Case(
        "likelihood",
        "regression",
        "is another one alone than in the batch",
        """
    class Odd:
        def __call__(self, split):
            return flat(task, split)
        def log_likelihood(self, split):
            return [np.full(task.steps, -float(len(split))) for _ in split.x]
    return Odd()
""",
    ),
]
