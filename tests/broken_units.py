"""Methods whose forecasts depend on the unit of what they are given, one for each part of the clause."""

from broken_answers import Case

CASES = [
    Case(
        "units",  # a constant in the unit of somebody's data
        "forecasting",
        "a power of two, changed the forecasts",
        """
    return lambda split: [np.tile(whole(x)[-1, : task.y.size] + 1e-3, (task.steps, 1)) for x in split.x]
""",
    ),
    Case(
        "units",  # follows powers of two alone
        "forecasting",
        "targets times 1e-06 changed",
        """
    def line(x):
        step = np.exp2(np.floor(np.log2(x.std(axis=0) + np.finfo(float).tiny)))
        return np.tile((whole(x)[-1] + step)[: task.y.size], (task.steps, 1))
    return lambda split: [line(x) for x in split.x]
""",
    ),
    Case(
        "units",  # grows by a share of the level
        "forecasting",
        "targets times 1e+06 plus",
        """
    return lambda split: [np.tile(1.1 * whole(x)[-1, : task.y.size], (task.steps, 1)) for x in split.x]
""",
    ),
    Case(
        "units",  # takes covariates for shares of a spread
        "forecasting",
        "covariates times 1e+06 changed",
        """
    def line(x):
        k = task.y.size
        return np.tile(whole(x)[-1, :k] + x.std(axis=0)[:k] * (x[-1, k:] - x[0, k:]).sum(), (task.steps, 1))
    return lambda split: [line(x) for x in split.x]
""",
    ),
]
