"""Check where results are to be written, before anything is computed."""

from __future__ import annotations

from pathlib import Path


def refuse_place(named: str, path: Path | None, folder: bool) -> None:
    """ValueError if no folder (or, with folder=False, no file) can be created at `path`."""
    if path is None:
        return
    if not folder and path.is_dir():
        raise ValueError(f"{named} {path}: this is a folder; name a file, in it or elsewhere")
    nearest = next(place for place in ((path, *path.parents) if folder else path.parents) if place.exists())
    if not nearest.is_dir():
        raise ValueError(
            f"{named} {path}: {nearest} is a file, but must be a folder; name a path in another folder"
        )
