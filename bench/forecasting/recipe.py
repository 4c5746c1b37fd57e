"""The recipe of a fit: everything needed to fit the same method on the same data again, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recurbench import __version__, answers, provenance
from recurbench.forecasting.choice import MethodChoice
from recurbench.record import plain
from recurbench.registry import Choice
from recurbench.task import Split


def recipe(dataset: Choice, chosen: MethodChoice, split: Split, **more: Any) -> dict[str, Any]:
    """Describe a fit of `chosen` on `split`.

    Parameters
    ----------
    dataset : Choice
        The data set that `split` was made from.
    chosen : MethodChoice
    split : Split
        What was fitted on.
    **more
        Further entries, such as notes of the method.

    Returns
    -------
    dict
        method (name, address, settings, seed, steps, family and why it was taken), data (data set, settings,
        sha256 of its files, fingerprint and number of the examples), code hashes, versions and time.
    """
    plugin = chosen.method.plugin
    return {
        "method": {
            "name": plugin.name,
            "address": chosen.method.address,
            "family": plugin.family,
            "settings": dict(chosen.method.settings),
            "seed": chosen.seed,
            "steps": chosen.steps,
            "device": chosen.device,
            "chosen": f"best on validation by {chosen.by}" if chosen.by else "named by the user",
        },
        "data": {
            "dataset": dataset.plugin.name,
            "settings": dict(dataset.settings),
            "sample": chosen.data_seed,
            "sha256": provenance.known_data(dataset),
            "fingerprint": answers.fingerprint(split),
            "examples": len(split),
        },
        "code": {
            "method": provenance.known_code_hash(plugin),
            "dataset": provenance.known_code_hash(dataset.plugin),
        },
        "versions": {"recurbench": __version__, **provenance.versions()},
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        **more,
    }


def write_recipe(path: Path, content: Mapping[str, Any]) -> None:
    """Write a recipe as indented JSON."""
    path.write_text(json.dumps(content, indent=2, default=plain, ensure_ascii=False) + "\n", encoding="utf-8")
