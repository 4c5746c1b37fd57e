"""The commands `recurbench data list|fetch|verify`: data that cannot be shipped."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from recurbench.cli.errors import in_words

if TYPE_CHECKING:
    from recurbench.catalogue import Entry


_folder = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="The data folder; by default RECURBENCH_DATA, else the cache.",
)


@click.group()
def data() -> None:
    """List, fetch and verify data that cannot be shipped. Quote NAMES: 'ucr[name=Coffee]'."""


@data.command("list")
@_folder
@in_words
def list_entries(data_dir: Path | None) -> None:
    """List every archive: there or not, how it is had, its size and licence."""
    from recurbench.catalogue import data_folder, entries, there

    folder = data_folder(data_dir)
    click.echo(f"data folder: {folder}")
    found = {entry.address: entry for entry in (*entries(), *there(folder))}
    for _, entry in sorted(found.items()):
        size = f"{entry.original.bytes / 1e6:.1f} MB" if entry.original else ""
        how = "fetch" if entry.original else "bring your own"
        here = "there" if entry.present(folder) else "-"
        click.echo(f"{entry.address:<32} {here:<6} {how:<15} {size:>8}  {entry.licence}")


@data.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--from", "archive", type=click.Path(path_type=Path), help="Your own zip, tar or file instead.")
@click.option("--yes", is_flag=True, help="Do not ask about the licence.")
@click.option("--replace", is_flag=True, help="Fetch anew what is there with other bytes.")
@_folder
@in_words
def fetch(
    names: tuple[str, ...], archive: Path | None, yes: bool, replace: bool, data_dir: Path | None
) -> None:
    """Fetch the files of NAMES, data sets as `run` takes them, after showing their licence."""
    from recurbench.catalogue import data_folder
    from recurbench.fetching.download import fetch as download

    folder = data_folder(data_dir)
    for entry in _chosen(names):
        if archive is None and entry.original is None:
            raise ValueError(_bring(entry, folder))
        _agree(entry, folder, yes)
        if archive is None:
            lines = download(entry, folder, replace, click.echo)
        else:
            lines = _taken(entry, folder, archive, replace)
        click.echo("\n".join(lines))


@data.command()
@click.argument("names", nargs=-1)
@click.option("--accept", is_flag=True, help="Take over what changed; with NAMES, also other versions.")
@_folder
@in_words
def verify(names: tuple[str, ...], accept: bool, data_dir: Path | None) -> None:
    """Hash the files of NAMES, or of all that is there, anew; exit 1 where one is not what it was.

    A file with another hash than the known one is used by `run` only after `verify NAME --accept`, which says
    that it is another version; the report then says so too.
    """
    from recurbench.catalogue import data_folder, there
    from recurbench.fetching.verify import BAD, Ledger, vanished
    from recurbench.fetching.verify import verify as look

    folder = data_folder(data_dir)
    ledger = Ledger.read(folder)
    chosen = _chosen(names) if names else there(folder)
    if not chosen:
        click.echo(f"nothing in {folder}")
    # Other versions only one by one: whoever accepts all changes at once has hardly looked at each.
    other = accept and bool(names)
    findings = [finding for entry in chosen for finding in look(entry, folder, ledger, accept, other)]
    if not names:
        findings += vanished(folder, ledger)
    for finding in findings:
        click.echo(f"{finding.status:<10} {finding.name}  {finding.words}".rstrip())
    if any(finding.status in ("recorded", "accepted") for finding in findings):
        ledger.write()
    sys.exit(1 if any(finding.status in BAD for finding in findings) else 0)


def _chosen(names: Sequence[str]) -> list[Entry]:
    """The entries that names of data sets stand for, each once."""
    from recurbench.catalogue import datasets, entry
    from recurbench.registry import discover

    found: dict[str, Entry] = {}
    for choice in discover().select_datasets(names):
        if choice.plugin.name not in datasets():
            raise ValueError(f"{choice.plugin.name} needs no file; those that do: {', '.join(datasets())}")
        one = entry(choice.plugin.name, choice.settings)
        found.setdefault(one.address, one)
    return list(found.values())


def _bring(entry: Entry, folder: Path) -> str:
    forms = "; or ".join(", ".join(form) for form in entry.forms)
    return (
        f"{entry.address} has no address: put {forms} into {entry.folder(folder)}, or take them out of an "
        f"archive you have with --from ARCHIVE; licence: {entry.licence}"
    )


def _agree(entry: Entry, folder: Path, yes: bool) -> None:
    """Show source and licence before the first files of a data set, and ask."""
    from recurbench.fetching.verify import Ledger

    ledger = Ledger.read(folder)
    whose = f"{entry.dataset} from {entry.original.repository}" if entry.original else entry.address
    if ledger.agreed.get(whose) == entry.licence:
        return
    click.echo(f"{entry.address}: {entry.summary}\n  source:  {entry.source}\n  licence: {entry.licence}")
    if entry.original is not None:
        note = f" ({entry.original.note})" if entry.original.note else ""
        click.echo(f"  from:    {entry.original.repository} at {entry.original.commit}{note}")
    if not yes and not _confirmed():
        raise ValueError("not agreed to, so nothing was fetched; --yes agrees without a question")
    ledger.agreed[whose] = entry.licence
    ledger.write()


def _confirmed() -> bool:
    """Ask; where nobody can answer, the answer is no."""
    try:
        return click.confirm("Use it under these terms?")
    except click.Abort:
        click.echo()
        return False


def _taken(entry: Entry, folder: Path, archive: Path, replace: bool) -> list[str]:
    """Take an entry's files out of the user's own archive, or the one file itself."""
    from recurbench.fetching.unpack import copy, is_archive, unpack

    if not archive.is_file():
        raise ValueError(f"--from {archive}: no such file")
    if entry.present(folder) and not replace:
        raise ValueError(f"the files of {entry.address} are there already; take them anew with --replace")
    target = entry.folder(folder)
    if is_archive(archive):
        for form in entry.forms:
            written = unpack(archive, form, target)
            if written:
                return [f"{path}: from {archive.name}" for path in written]
    elif any(form == (archive.name,) for form in entry.forms):
        return [f"{copy(archive, target / archive.name)}: from {archive}"]
    forms = "; or ".join(", ".join(form) for form in entry.forms)
    raise ValueError(f"{archive} does not hold what {entry.address} needs: {forms}")
