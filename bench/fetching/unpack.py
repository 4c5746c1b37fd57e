"""Take named files out of a zip or tar archive that may be malicious."""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

MOST_BYTES = 8 << 30
MOST_MEMBERS = 200_000
# Text with numbers is compressed about 10 times, zeros 1000 times. Below SMALL bytes there is no limit.
MOST_RATIO = 200
SMALL = 1 << 24
PIECE = 1 << 16


@dataclass(frozen=True)
class Member:
    """One file inside an archive."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


def unpack(archive: Path, names: Sequence[str], folder: Path) -> list[Path]:
    """Write the files `names` (relative paths, `*` allowed) of an archive below `folder`.

    Members are found by the end of their path. Each is written under the name given here, completely or not
    at all. Returns the paths written; an empty list if the archive lacks one of the names. ValueError, before
    anything is written, if a member points outside the folder, is a link or a device, or if the archive
    would unpack to an unreasonable size.
    """
    with _members(archive) as members:
        chosen: list[tuple[Member, str]] = []
        for name in names:
            matches = _find(members, name, archive)
            if not matches:
                return []
            chosen += matches
        return [_write(member, folder / name, archive) for member, name in chosen]


def is_archive(path: Path) -> bool:
    """Whether `unpack` can open the file."""
    return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)


@contextmanager
def _members(archive: Path) -> Iterator[list[Member]]:
    """The plain files of an archive, after every member was checked."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            yield _zipped(opened, archive)
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as opened_tar:
            yield _tarred(opened_tar, archive)
    else:
        raise ValueError(f"{archive} is neither a zip nor a tar archive")


def _zipped(opened: zipfile.ZipFile, archive: Path) -> list[Member]:
    members, budget = [], _Budget(archive)
    for info in opened.infolist():
        _check_name(info.filename, archive)
        mode = info.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ValueError(f"{archive}: {info.filename!r} is a link or a device, not a file; refused")
        if info.is_dir():
            continue
        budget.spend(info.file_size)
        if info.flag_bits & 1:
            raise ValueError(
                f"{archive} is encrypted; unpack it yourself and put the files into the data folder"
            )
        members.append(Member(info.filename, info.file_size, lambda info=info: opened.open(info)))  # type: ignore[misc]
    return members


def _tarred(opened: tarfile.TarFile, archive: Path) -> list[Member]:
    members, budget = [], _Budget(archive)
    # A tar archive is unpacked while it is read, so the budget is checked at every member.
    for info in opened:
        _check_name(info.name, archive)
        if not (info.isfile() or info.isdir()):
            raise ValueError(f"{archive}: {info.name!r} is a link or a device, not a file; refused")
        if info.isdir():
            continue
        budget.spend(info.size)
        members.append(Member(info.name, info.size, lambda info=info: _extracted(opened, info)))  # type: ignore[misc]
    return members


def _extracted(opened: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = opened.extractfile(info)
    assert stream is not None  # plain files only
    return stream


class _Budget:
    """How much an archive may still unpack to."""

    def __init__(self, archive: Path) -> None:
        self.archive, self.packed, self.total, self.count = archive, archive.stat().st_size, 0, 0

    def spend(self, size: int) -> None:
        """Count one member of `size` bytes; ValueError if the archive becomes too large."""
        self.total += size
        self.count += 1
        if self.count > MOST_MEMBERS:
            raise ValueError(f"{self.archive} holds more than {MOST_MEMBERS} files; refused")
        ratio = self.total / max(self.packed, 1)
        if self.total > MOST_BYTES or (self.total > SMALL and ratio > MOST_RATIO):
            raise ValueError(
                f"{self.archive} of {self.packed} bytes would unpack to {self.total} bytes or more; refused"
            )


def _check_name(name: str, archive: Path) -> None:
    inside, windows = PurePosixPath(name), PureWindowsPath(name)
    if inside.is_absolute() or windows.drive or windows.root or ".." in windows.parts or "\0" in name:
        raise ValueError(f"{archive}: {name!r} points outside of the archive's folder; refused")


def _find(members: Sequence[Member], name: str, archive: Path) -> list[tuple[Member, str]]:
    """The members that `name` stands for, with the names to write them under."""
    wanted = PurePosixPath(name).parts
    fits = [m for m in members if _ends(PurePosixPath(m.name).parts, wanted)]
    fits = fits or [m for m in members if _ends(PurePosixPath(m.name).parts, wanted[-1:])]
    if "*" in name:
        folder = PurePosixPath(name).parent
        matches = [(m, str(folder / PurePosixPath(m.name).name)) for m in fits]
        if len({target for _, target in matches}) < len(matches):
            raise ValueError(f"{archive} holds two files of one name among {name}; unpack it yourself")
        return matches
    depth = min((len(PurePosixPath(m.name).parts) for m in fits), default=0)
    fits = [m for m in fits if len(PurePosixPath(m.name).parts) == depth]
    if len(fits) > 1:
        raise ValueError(
            f"{archive} holds {name} more than once: {fits[0].name}, {fits[1].name}; unpack it yourself"
        )
    return [(m, name) for m in fits]


def _ends(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    last = parts[-len(wanted) :]
    return len(last) == len(wanted) and all(map(fnmatchcase, last, wanted))


def _write(member: Member, target: Path, archive: Path) -> Path:
    """Write a member. It gets its final name only if it is complete and has the size that it declares."""
    temporary = _temporary(target)
    try:
        with temporary.open("wb") as out, member.open() as stream:
            left = member.size
            while piece := stream.read(PIECE):
                left -= len(piece)
                if left < 0:
                    raise ValueError(f"{archive}: {member.name!r} is longer than it declares; refused")
                out.write(piece)
        if left:
            raise ValueError(f"{archive}: {member.name!r} ends {left} bytes early")
        temporary.replace(target)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise ValueError(f"{archive}: {member.name!r} cannot be unpacked: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _temporary(target: Path) -> Path:
    """A temporary path in the folder of `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.with_name(f".{target.name}.{os.getpid()}")


def copy(file: Path, target: Path) -> Path:
    """Copy a file. It gets its final name only when it is complete."""
    temporary = _temporary(target)
    try:
        shutil.copyfile(file, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target
