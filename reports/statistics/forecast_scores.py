"""What every method scores on the forecasting problems of a run, by every metric of forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from recurbench.address import label, split_address
from recurbench.forecast_errors import INTERVALS, owa
from recurbench.packing import unpack_units
from recurbench.reports.statistics.comparison_table import every_method
from recurbench.results import RUNS, Run

NAIVE2 = "naive2"  # what OWA is relative to
PERCENTS = tuple(round(100 * level) for level in INTERVALS)
AVERAGED = (
    *("mase", "rmsse", "smape", "mae", "rmse", "pinball", "wql"),
    *(f"{name}_{percent}" for percent in PERCENTS for name in ("coverage", "interval_score")),
)
COLUMNS = ("problem", "label", "method", "fits", "windows", "undefined", *AVERAGED, "owa")


@lru_cache(maxsize=RUNS)
def forecast_scores(run: Run) -> pd.DataFrame:
    """One row of COLUMNS per forecasting problem and method that answered, in the order of `every_method`.

    fits: final cells that ended ok; the metrics are means over them, NaN where a run or a method has none.
    windows: how many test forecasts the scores are of, over all samples of a generated problem; NaN in a slim
    copy, which does not hold it. undefined: how many of them have no MASE and no RMSSE. owa: against `naive2`
    on the same problem, from these means; NaN where that did not run.
    """
    final = run.final
    final = final[(final["kind"] == "forecasting") & (final["status"] == "ok")] if len(final) else final
    if not len(final):
        return pd.DataFrame(columns=list(COLUMNS))
    rows = []
    for problem, method in _in_order(run, final):
        cells = final[(final["problem"] == problem) & (final["address"] == method)]
        first = cells.iloc[0]
        samples = cells.drop_duplicates("data_seed")
        undefined = samples["mase_undefined"].astype(float).sum() if "mase_undefined" in samples else 0
        rows.append(
            {
                "problem": problem,
                "label": label(first["dataset"], first["dials"], problem),
                "method": method,
                "fits": len(cells),
                "windows": sum(windows_of(row) for row in samples.to_dict("records")),
                "undefined": undefined,
                **{name: cells[name].mean() if name in cells else np.nan for name in AVERAGED},
            }
        )
    table = pd.DataFrame(rows).astype(dict.fromkeys(("windows", "undefined", *AVERAGED), float))
    return table.assign(owa=_owa(table))[list(COLUMNS)]


def _in_order(run: Run, final: pd.DataFrame) -> list[tuple[str, str]]:
    """Problem and method of these cells: on each problem the best validation first, no score last."""
    scored = every_method(run)
    keyed = zip(scored["problem"], scored["method"], strict=True) if len(scored) else ()
    place = {key: i for i, key in enumerate(keyed)}
    order = {str(problem): i for i, problem in enumerate(run.cells["problem"].drop_duplicates())}
    keys = dict.fromkeys(zip(map(str, final["problem"]), map(str, final["address"]), strict=True))
    return sorted(keys, key=lambda key: (order[key[0]], place.get(key, len(place))))


def windows_of(cell: pd.Series[Any] | Mapping[Any, Any]) -> float:
    """How many forecasts the scores of a final cell are means of; NaN where its units are not kept."""
    known = unpack_units(cell["units"]).get("mae") if cell["units"] else None
    return float("nan") if known is None else float(np.isfinite(known[0]).sum())


def _owa(table: pd.DataFrame) -> list[float]:
    """[rows]: the OWA of each, from the averaged metrics of its problem."""
    plain = [split_address(method)[0] for method in table["method"]]
    naive2 = table[[name == NAIVE2 for name in plain]].drop_duplicates("problem").set_index("problem")
    return [
        owa(smape, mase, *naive2.loc[problem, ["smape", "mase"]]) if problem in naive2.index else np.nan
        for problem, smape, mase in zip(table["problem"], table["smape"], table["mase"], strict=True)
    ]
