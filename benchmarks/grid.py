"""The role of every setting of the suite map, by building its problem; the table of docs/data.md.

`python benchmarks/grid.py` prints a row per difficulty parameter: its values, each with the role of the data
set (p: positive, c: control, x: crossover) and the share of the way from the best constant answer to the
exact best that a window of 16 steps reaches.
"""

from __future__ import annotations

from recurbench.dials import FIRST, dials
from recurbench.registry import discover, load

LETTERS = {"positive": "p", "control": "c", "crossover": "x"}


def main() -> None:
    """Print the table."""
    registry = discover()
    known: dict[str, str] = {}
    print("| problem | difficulty parameter | values |\n|---|---|---|")
    for dial in dials():
        cells = []
        for value, setting in dial.settings.items():
            if setting.problem not in known:
                (choice,) = registry.select_datasets([setting.problem])
                about = load(choice.plugin)(**choice.settings, seed=FIRST).about
                share = about.headroom.get("window_16")
                known[setting.problem] = LETTERS[about.role] + ("" if share is None else f" {share:.2f}")
            cells.append(f"{value} ({known[setting.problem]})")
        print(f"| `{dial.problem}` | {dial.name} | {', '.join(cells)} |")
    print(f"\n{len(known)} settings")


if __name__ == "__main__":
    main()
