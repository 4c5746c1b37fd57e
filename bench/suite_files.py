"""The problems of a suite whose files are in the data folder; the others are left out of a run."""

from __future__ import annotations

from dataclasses import replace

from recurbench import catalogue
from recurbench.archive_problems import opened
from recurbench.registry import Choice, Registry
from recurbench.request import Request
from recurbench.suites import Suite


def with_files(suite: Suite, request: Request, registry: Registry) -> tuple[Suite, list[str]]:
    """The suite without the problems whose files are not on this machine, and a line about them.

    A problem that the request names itself is never left out: the error for it says which file it lacks.

    Raises
    ------
    ValueError
        If no file of the suite is there; the message says where files belong and how to get them.
    """
    if request.datasets or request.data is not None:
        return suite, []
    suite = replace(
        suite,
        blocks=tuple(
            replace(block, datasets=opened(block.datasets, registry, suite.channels))
            for block in suite.blocks
        ),
    )
    absent = [choice for choice in registry.select_datasets(suite.datasets) if not _present(choice)]
    if not absent:
        return suite, []
    folder = catalogue.data_folder()
    if len(absent) == len(suite.datasets):
        fetched = " ".join(f"'{address}'" for address in _entries(absent, fetchable=True))
        raise ValueError(
            f"none of the files that the suite {suite.name} reads is in {folder}; download them with: "
            f"recurbench data fetch {fetched}; or name another data folder: --data-dir or "
            f"{catalogue.VARIABLE}"
        )
    gone = {choice.address for choice in absent}
    blocks = (
        replace(block, datasets=tuple(name for name in block.datasets if name not in gone))
        for block in suite.blocks
    )
    here = replace(suite, blocks=tuple(block for block in blocks if block.datasets))
    return here, [_left_out(absent, str(folder))]


def _present(choice: Choice) -> bool:
    """Whether the files of a data set are on this machine, or it needs none."""
    name = choice.plugin.name
    if name not in catalogue.datasets():
        return True
    return bool(catalogue.entry(name, choice.settings).present(catalogue.data_folder()))


def _entries(absent: list[Choice], fetchable: bool) -> list[str]:
    """The entries of the catalogue, each once, that can or cannot be fetched."""
    found = [catalogue.entry(choice.plugin.name, choice.settings) for choice in absent]
    return list(dict.fromkeys(one.address for one in found if (one.original is not None) == fetchable))


def _left_out(absent: list[Choice], folder: str) -> str:
    fetched, brought = (_entries(absent, fetchable) for fetchable in (True, False))
    how = [f"{', '.join(fetched)} (get them with `recurbench data fetch`)"] if fetched else []
    how += [f"{', '.join(brought)} (bring them yourself: `recurbench data list`)"] if brought else []
    return f"left out, because their files are not in {folder}: {'; '.join(how)}"
