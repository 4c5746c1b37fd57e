"""What the recipe of catch22 and the seed of its forest change, on problems of the data folder.

    python benchmarks/catch22_variants.py [--seeds 10] [--problems Wine TwoLeadECG ItalyPowerDemand]

Prints the test accuracy of a forest of 200 trees on the 22 characteristics, with or without mean and standard
deviation (24 or 22 features), and with or without aeon's scaling before the two features of outliers: the
lowest, mean and highest of the seeds. The method `catch22` has 24 features with that scaling, as aeon's
classifier.
"""

from __future__ import annotations

import argparse
import statistics
from itertools import product

import numpy as np
from aeon.transformations.collection.feature_based import Catch22
from numpy.typing import NDArray
from recurbench.address import joined
from recurbench.registry import discover
from recurbench.running.job import build
from recurbench.task import Split
from sklearn.ensemble import RandomForestClassifier

TREES = 200


def features(split: Split, scaled: bool) -> NDArray[np.float64]:
    """The 24 features of every channel [n, 24 * channels], mean and standard deviation last."""
    transform = Catch22(catch24=True, outlier_norm=scaled, replace_nans=True, n_jobs=1)
    return np.asarray(transform.fit_transform([np.asarray(x, dtype=np.float64).T for x in split.x]))


def main() -> None:
    """Print a line for each problem and recipe."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--problems", nargs="+", default=["Wine", "TwoLeadECG", "ItalyPowerDemand"])
    given = parser.parse_args()
    registry = discover()
    print(f"{'problem':18}{'features':>10}{'scaled':>8}{'lowest':>9}{'mean':>8}{'highest':>9}")
    for name in given.problems:
        problem = build(registry.select_datasets([joined("ucr", {"name": name})])[0], None)
        known, right = (np.array([int(y[0]) for y in part.y]) for part in (problem.train, problem.test))
        for scaled, count in product((True, False), (24, 22)):
            parts = [features(part, scaled) for part in (problem.train, problem.test)]
            kept = np.arange(parts[0].shape[1]) % 24 < count
            shares = []
            for seed in range(given.seeds):
                forest = RandomForestClassifier(TREES, random_state=seed).fit(parts[0][:, kept], known)
                shares.append(float((forest.predict(parts[1][:, kept]) == right).mean()))
            low, mean, high = min(shares), statistics.fmean(shares), max(shares)
            print(f"{name:18}{count:10}{'yes' if scaled else 'no':>8}{low:9.4f}{mean:8.4f}{high:9.4f}")


if __name__ == "__main__":
    main()
