"""Published scores of forecasts: M4, the Monash archive and ETTh1."""

from __future__ import annotations

from collections.abc import Iterator

from recurbench.published_score import Published

M4 = "M4 competition, Evaluation and Ranks.xlsx"
CHRONOS = "chronos-forecasting fead4ec, results/seasonal-naive-zero-shot.csv"
MONASH = "Godahewa et al. 2021, mean MAE, as in llmtime f74234c, data/paper_mae_raw.csv"
LAST = "llmtime f74234c, data/last_val_mae.csv"
ZENG = "Zeng et al. 2023, LTSF-Linear 0c11366, pics/Mul-results.png"
MEASURED = "measured from the same file by another program, no window or step left out"

CLOSE = 0.01  # of smoothing methods, whose parameters R's optimisers and ours find by other means
GRADIENT = "trained by gradient steps; the last test windows are dropped"
R = "fitted by R's package forecast, with its own optimiser and starting values"
NETWORK = "another network, with settings, training and windows of its own"

# By method here: the name in the workbook, and sMAPE and MASE of the hourly and of the weekly series.
_Pair = tuple[float, float]
_M4: dict[str, tuple[str, _Pair, _Pair]] = {
    "last-value": ("Naive", (43.003, 11.608), (9.161, 2.777)),
    "seasonal-naive": ("sNaive", (13.912, 1.193), (9.161, 2.777)),
    "naive2": ("Naive2", (18.383, 2.395), (9.161, 2.777)),
    "ses": ("SES", (18.094, 2.385), (9.012, 2.685)),
    "holt": ("Holt", (29.249, 9.356), (9.708, 2.420)),
    "damped": ("Damped", (19.265, 2.956), (8.866, 2.404)),
    "theta": ("Theta", (18.138, 2.455), (9.093, 2.637)),
    "comb": ("Comb", (22.053, 4.582), (8.944, 2.432)),
}
_EXACT = ("last-value", "seasonal-naive", "naive2", "ses", "theta")

# MASE of seasonal naive, in the seven digits that are compared.
_SEASONAL = {
    "m1-yearly": 4.894322,
    "monash": 1.314461,
    "monash[name=m3_yearly]": 3.171710,
    "monash[horizon=12,name=cif_2016]": 1.289291,
    "monash[name=tourism_yearly]": 3.552010,
    "monash[name=tourism_quarterly]": 1.698989,
    "m4[group=Quarterly]": 1.602247,
    "m4[group=Yearly]": 3.974360,
}

# Of the sets with a reader here: mean absolute errors as printed, by the name in the paper.
_ARCHIVE = {
    "monash[name=cif_2016]": (581875.97, 714818.58, 642421.42, 855578.40, 469059.49),
    "monash[name=electricity_weekly]": (74149.18, 74111.14, 67737.82, 24347.24, 28457.18),
    "monash[name=tourism_yearly]": (95579.23, 90653.60, 94818.89, 94121.08, 95033.24),
    "monash[name=tourism_quarterly]": (15014.19, 7656.49, 8925.52, 9972.42, 10475.47),
}
_STATISTICAL = (
    ("ses", "SES"),
    ("theta", "Theta"),
    ("ets", "ETS"),
    ("tbats", "TBATS"),
    ("auto-arima", "ARIMA"),
)
_COSTLY = ("tbats", "auto-arima")  # minutes to hours for a set
_ARCHIVE_NETWORKS = {
    "monash[name=cif_2016]": (1495923.44, 3200418.00, 679034.80, 4057973.04),
    "monash[name=electricity_weekly]": (27451.83, 50312.05, 32991.72, 76382.47),
    "monash[name=tourism_yearly]": (79593.22, 71471.29, 70951.80, 74316.52),
    "monash[name=tourism_quarterly]": (8981.04, 9511.37, 8640.56, 9521.67),
}
_NETWORKS = (("mlp", "FFNN"), ("deepar", "DeepAR"), ("nbeats", "N-BEATS"), ("transformer", "Transformer"))

# By horizon: MSE and MAE of the table, MSE of all windows, and MSE of the linear maps of the table.
_HORIZONS = (96, 192, 336, 720)
_REPEAT = ((1.295, 0.713), (1.325, 0.733), (1.323, 0.744), (1.339, 0.756))
_EVERY = ((1.294, 0.713), (1.325, 0.733), (1.330, 0.746), (1.335, 0.755))
_LINEAR = {
    "nlinear": ("NLinear", (0.374, 0.408, 0.429, 0.440)),
    "dlinear": ("DLinear", (0.375, 0.405, 0.439, 0.472)),
}
_RIDGE = (0.370, 0.403, 0.428, 0.434)


def _m4() -> Iterator[Published]:
    for method, (named, hourly, weekly) in _M4.items():
        within = 0.0 if method in _EXACT else CLOSE
        for problem, scores in (("m4", hourly), ("m4[group=Weekly]", weekly)):
            for metric, value in zip(("smape", "mase"), scores, strict=True):
                yield Published(problem, method, metric, value, M4, 3, named, within=within)


def _monash() -> Iterator[Published]:
    for problem, value in _SEASONAL.items():
        yield Published(problem, "seasonal-naive", "mase", value, CHRONOS, 6, "seasonal-naive")
    # Its author asked all 72 series for 12 steps, although 15 have a horizon of 6.
    cif = "monash[horizon=12,name=cif_2016]"
    yield Published(cif, "last-value", "mae", 386526.47, LAST, 2, "last value")
    yield Published("monash[name=cif_2016]", "last-value", "mae", 578598, MEASURED, 0, "last value")
    for values, methods, why in ((_ARCHIVE, _STATISTICAL, R), (_ARCHIVE_NETWORKS, _NETWORKS, NETWORK)):
        for problem, row in values.items():
            for (method, named), value in zip(methods, row, strict=True):
                costly = method in _COSTLY
                yield Published(problem, method, "mae", value, MONASH, 2, named, unlike=why, costly=costly)


def _ett(horizon: int, batches: int = 0) -> str:
    """All test windows, or only those in whole batches, with the 336 hours that linear maps read."""
    dials = ("context=336", f"horizon={horizon}" if horizon != 96 else "", "origins=0")
    whole = f"whole_batches={batches}" if batches else ""
    return f"ett[{','.join(filter(None, (*dials, whole)))}]"


def _etth1() -> Iterator[Published]:
    for i, horizon in enumerate(_HORIZONS):
        every, batched = _ett(horizon), _ett(horizon, batches=32)
        for metric, printed, measured in zip(("mse", "mae"), _REPEAT[i], _EVERY[i], strict=True):
            yield Published(batched, "last-value", metric, printed, ZENG, 3, "Repeat")
            yield Published(every, "last-value", metric, measured, MEASURED, 3, "Repeat")
        for method, (named, values) in _LINEAR.items():
            address = f"{method}[lookback=336,reference=none]"
            yield Published(every, address, "mse", values[i], ZENG, 3, named, unlike=GRADIENT)
        ridge = "nlinear[lookback=336,reference=none]"
        yield Published(every, ridge, "mse", _RIDGE[i], MEASURED, 3, "ridge NLinear", within=CLOSE)


FORECASTS = (*_m4(), *_monash(), *_etth1())
