"""The commands `recurbench data list|fetch|verify`, for data sets that do not come with the package."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from recurbench.cli.errors import with_messages

if TYPE_CHECKING:
    from recurbench.catalogue import Entry


_folder = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="Data folder; by default RECURBENCH_DATA, else a cache folder.",
)


@click.group()
def data() -> None:
    """List, fetch and verify data that are not in the package.

    Write names with settings in quotes: 'ucr[name=Coffee]'.
    """


@data.command("list")
@_folder
@with_messages
def list_entries(data_dir: Path | None) -> None:
    """List these data sets: whether they are here, how to get them, size and licence."""
    from recurbench.catalogue import data_folder, entries, present_entries

    folder = data_folder(data_dir)
    click.echo(f"data folder: {folder}")
    listed = {entry.address: entry for entry in (*entries(), *present_entries(folder))}
    for _, entry in sorted(listed.items()):
        size = f"{entry.original.bytes / 1e6:.1f} MB" if entry.original else ""
        how = "fetch" if entry.original else "bring your own"
        here = "here" if entry.present(folder) else "-"
        click.echo(f"{entry.address:<32} {here:<6} {how:<15} {size:>8}  {entry.licence}")


@data.command()
@click.argument("names", nargs=-1, required=True)
@click.option(
    "--from",
    "archive",
    type=click.Path(path_type=Path),
    help="Take the files from your own zip, tar or file.",
)
@click.option("--yes", is_flag=True, help="Agree to the licence without a question.")
@click.option("--replace", is_flag=True, help="Fetch files again that are here with different content.")
@_folder
@with_messages
def fetch(
    names: tuple[str, ...], archive: Path | None, yes: bool, replace: bool, data_dir: Path | None
) -> None:
    """Download the files of the data sets NAMES, after showing their licence."""
    from recurbench.catalogue import data_folder
    from recurbench.fetching.download import fetch as download

    folder = data_folder(data_dir)
    for entry in _chosen(names):
        if archive is None and entry.original is None:
            raise ValueError(_bring_your_own(entry, folder))
        _agree(entry, folder, yes)
        if archive is None:
            lines = download(entry, folder, replace, click.echo)
        else:
            lines = _from_archive(entry, folder, archive, replace)
        click.echo("\n".join(lines))


@data.command()
@click.argument("names", nargs=-1)
@click.option(
    "--accept", is_flag=True, help="Accept changed files; with NAMES, also files of another version."
)
@_folder
@with_messages
def verify(names: tuple[str, ...], accept: bool, data_dir: Path | None) -> None:
    """Check the hashes of the files of NAMES, or of all files in the data folder.

    Exit code 1 if a file is missing or has another hash than before. `run` refuses a file with another hash
    than the known one, until `verify NAME --accept` accepts it as another version. The report then says so.
    """
    from recurbench.catalogue import data_folder, present_entries
    from recurbench.fetching.verify import BAD, Ledger, vanished
    from recurbench.fetching.verify import verify as verified

    folder = data_folder(data_dir)
    ledger = Ledger.read(folder)
    chosen = _chosen(names) if names else present_entries(folder)
    if not chosen:
        click.echo(f"no known data set in {folder}")
    # Another version must be accepted by its name, so that it is not accepted together with other changes.
    other = accept and bool(names)
    findings = [finding for entry in chosen for finding in verified(entry, folder, ledger, accept, other)]
    if not names:
        findings += vanished(folder, ledger)
    for finding in findings:
        click.echo(f"{finding.status:<10} {finding.name}  {finding.details}".rstrip())
    if any(finding.status in ("recorded", "accepted") for finding in findings):
        ledger.write()
    sys.exit(1 if any(finding.status in BAD for finding in findings) else 0)


def _chosen(names: Sequence[str]) -> list[Entry]:
    """The catalogue entries of some data sets, each once."""
    from recurbench.catalogue import datasets, entry
    from recurbench.registry import discover

    chosen: dict[str, Entry] = {}
    for choice in discover().select_datasets(names):
        if choice.plugin.name not in datasets():
            raise ValueError(
                f"{choice.plugin.name} needs no files; data sets that do: {', '.join(datasets())}"
            )
        one = entry(choice.plugin.name, choice.settings)
        chosen.setdefault(one.address, one)
    return list(chosen.values())


def _bring_your_own(entry: Entry, folder: Path) -> str:
    forms = "; or ".join(", ".join(form) for form in entry.forms)
    return (
        f"{entry.address} cannot be downloaded: put {forms} into {entry.folder(folder)}, or take them from "
        f"an archive of yours with --from ARCHIVE; licence: {entry.licence}"
    )


def _agree(entry: Entry, folder: Path, yes: bool) -> None:
    """Show source and licence and ask, before the first file of a data set is fetched."""
    from recurbench.fetching.verify import Ledger

    ledger = Ledger.read(folder)
    what = f"{entry.dataset} from {entry.original.repository}" if entry.original else entry.address
    if ledger.agreed.get(what) == entry.licence:
        return
    click.echo(f"{entry.address}: {entry.summary}\n  source:  {entry.source}\n  licence: {entry.licence}")
    if entry.original is not None:
        note = f" ({entry.original.note})" if entry.original.note else ""
        click.echo(f"  from:    {entry.original.repository} at {entry.original.commit}{note}")
    if not yes and not _confirmed():
        raise ValueError("you did not agree, so nothing was fetched; --yes agrees without a question")
    ledger.agreed[what] = entry.licence
    ledger.write()


def _confirmed() -> bool:
    """Ask; without a terminal the answer is no."""
    try:
        return click.confirm("Use it under these terms?")
    except click.Abort:
        click.echo()
        return False


def _from_archive(entry: Entry, folder: Path, archive: Path, replace: bool) -> list[str]:
    """Take the files of an entry from the user's archive, or from a single file."""
    from recurbench.fetching.unpack import copy, is_archive, unpack

    if not archive.is_file():
        raise ValueError(f"--from {archive}: no such file")
    if entry.present(folder) and not replace:
        raise ValueError(f"the files of {entry.address} are here already; replace them with --replace")
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
