"""Text of a file: checks before it is opened, compression, and encoding."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import re
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

ADDRESS = re.compile("[a-z][a-z0-9+.-]+:/", re.IGNORECASE)  # one slash, because a Path drops the other one
LARGEST = 2**32  # bytes that a packed file may unpack to
PACKED: dict[bytes, tuple[str, Callable[[Path], IO[bytes]]]] = {
    b"\x1f\x8b": ("gzip", lambda path: cast(IO[bytes], gzip.GzipFile(path))),
    b"BZh": ("bzip2", lambda path: cast(IO[bytes], bz2.BZ2File(path))),
    b"\xfd7zXZ": ("xz", lambda path: cast(IO[bytes], lzma.LZMAFile(path))),  # noqa: SIM115
    b"PK\x03\x04": ("zip", lambda path: _member(path)),
}
OFFICE = b"\xd0\xcf\x11\xe0"  # .xls and other documents of old office programs
WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def refuse_unreadable(file: Path) -> None:
    """Raise ValueError if this is no regular file; before it is opened, because a pipe may block."""
    if ADDRESS.match(str(file)) and not file.exists():
        # A Path drops one of two slashes.
        address = re.sub(":/+", "://", str(file), count=1)
        raise ValueError(f"{address}: is a URL; save the file on this machine and give its path")
    if str(file) == "-":
        raise ValueError("-: standard input is not read; save the rows to a file and give its path")
    try:
        kind = file.stat().st_mode
        if stat.S_ISDIR(kind):
            raise ValueError(f"{file}: cannot be read (it is a folder); give the path of a file")
        if not stat.S_ISREG(kind):
            raise ValueError(
                f"{file}: is a pipe or a device, no regular file; save the rows to a file and give its path"
            )
        with file.open("rb"):
            pass
    except OSError as error:
        raise ValueError(
            f"{file}: cannot be read ({error.strerror}); give the path of a readable file"
        ) from None


def begins(file: Path, count: int = 8) -> bytes:
    """The first bytes of a file."""
    with file.open("rb") as stream:
        return stream.read(count)


def head(file: Path, count: int = 4000) -> bytes:
    """The first bytes of what a file holds, unpacked; empty if it cannot be unpacked."""
    start = begins(file)
    for sign, (_, opened) in PACKED.items():
        if start.startswith(sign):
            try:
                with opened(file) as stream:
                    return stream.read(count)
            except (
                OSError,
                EOFError,
                lzma.LZMAError,
                zlib.error,
                zipfile.BadZipFile,
                RuntimeError,
                ValueError,
            ):
                return b""
    return begins(file, count)


def unpacked(file: Path) -> tuple[bytes, str]:
    """The bytes of a file, and how it was packed: "gzip", "bzip2", "xz", "zip" or ""."""
    start = begins(file)
    for sign, (name, opened) in PACKED.items():
        if start.startswith(sign):
            try:
                with opened(file) as stream:
                    content = stream.read(LARGEST + 1)
            except (OSError, EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
                raise ValueError(
                    f"{file}: cannot be unpacked as {name} ({error}); pack it again, or give the file inside"
                ) from None
            if len(content) > LARGEST:
                raise ValueError(
                    f"{file}: unpacks to more than {LARGEST >> 30} GiB; give a file with the rows that matter"
                )
            return content, name
    return file.read_bytes(), ""


def _member(path: Path) -> IO[bytes]:
    """The only file in a zip archive."""
    archive = zipfile.ZipFile(path)
    names = [
        info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX/")
    ]
    if "[Content_Types].xml" in archive.namelist():
        raise ValueError(f"{path}: is an Excel file or another office document; save the sheet as CSV")
    if len(names) != 1:
        raise ValueError(
            f"{path}: is a zip archive of {len(names)} files; unpack it and give the path of one of them"
        )
    return archive.open(names[0])


def text_of(file: Path) -> tuple[str, str, str]:
    """The text of a file, its encoding, and how it was packed.

    UTF-8 or UTF-16, with or without a byte order mark; other text is read as Windows-1252.
    """
    content, packed = unpacked(file)
    if content.startswith(OFFICE):
        raise ValueError(f"{file}: is an Excel file or another office document; save the sheet as CSV")
    encoding = _encoding(content)
    if encoding == "":
        raise ValueError(f"{file}: holds zero bytes, so it is no text; give a file of comma-separated values")
    try:
        return content.decode(encoding).removeprefix("\ufeff"), encoding, packed
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: is no valid {encoding} text ({error.reason}); save it as UTF-8") from None


def _encoding(content: bytes) -> str:
    """The encoding of a text; empty for bytes that are no text."""
    for mark, name in WIDE.items():
        if content.startswith(mark):
            return name
    start = content[:2000]
    if b"\0" in start:
        # ASCII text in UTF-16 has a zero in every second byte.
        for name, zeros, others in (
            ("utf-16-le", start[1::2], start[::2]),
            ("utf-16-be", start[::2], start[1::2]),
        ):
            if zeros.count(0) > 0.9 * len(zeros) and others.count(0) == 0:
                return name
        return ""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"
