"""Where results may be written: checked before anything is computed for it."""

from __future__ import annotations

from pathlib import Path


def refuse_place(named: str, path: Path | None, folder: bool) -> None:
    """Refuse where no folder, or else no file, can be made at `path`, before anything is computed for it."""
    if path is None:
        return
    if not folder and path.is_dir():
        raise ValueError(f"{named} {path}: a folder is there; name a file, in it or elsewhere")
    nearest = next(place for place in ((path, *path.parents) if folder else path.parents) if place.exists())
    if not nearest.is_dir():
        raise ValueError(
            f"{named} {path}: {nearest} is a file where a folder is needed; name a place in another folder"
        )
