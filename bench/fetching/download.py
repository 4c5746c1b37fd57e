"""Download files over HTTP: pooch checks hashes and retries; a broken download continues where it stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recurbench.catalogue import Entry, File, Original, fresh_hash, listing_hash

if TYPE_CHECKING:
    import requests

RETRIES = 3
TIMEOUT = (10.0, 60.0)  # seconds to connect, and between two pieces
PIECE = 1 << 13  # bytes; at most one piece is lost when a connection breaks
# Limit for a file whose size is not known.
MOST_BYTES = 1 << 26
REPORTED = 250  # files between two progress lines
NEED = "fetching needs the package pooch; install it with: pip install 'recurbench[data]'"


class Resuming:
    """A downloader for pooch that stores what has arrived in the file `part` and asks only for the rest.

    Raises RequestException if another try may help (pooch then tries again), otherwise OSError.
    """

    def __init__(self, session: requests.Session, part: Path, size: int) -> None:
        self.session, self.part, self.size = session, part, size

    def __call__(self, url: str, output_file: str, _pooch: Any) -> None:
        """Download `url`. The complete file is moved to `output_file`; an incomplete one stays in `part`."""
        from requests.exceptions import ConnectionError as Broken

        have = self.part.stat().st_size if self.part.exists() else 0
        if self.size and have >= self.size:
            have = 0  # as long as the whole file: left over from a file that has changed since
        # The transfer is not compressed, because a download continues at a byte of the file itself.
        headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
        with self.session.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            if not self._continues(answer, have):
                have = 0
            self._write(answer, have)
        got = self.part.stat().st_size
        if got < self.size:
            raise Broken(f"the answer ended after {got} of {self.size} bytes")
        self.part.replace(output_file)

    def _continues(self, answer: requests.Response, have: int) -> bool:
        """Whether the answer continues at byte `have`; False if it is the whole file."""
        from requests.exceptions import ConnectionError as Broken

        if answer.status_code == 416 or (
            answer.status_code == 206 and not self._fits(answer.headers.get("Content-Range", ""), have)
        ):
            self.part.unlink(missing_ok=True)
            raise Broken("the server's file does not continue the part that is here; downloading it again")
        if 400 <= answer.status_code < 500 and answer.status_code not in (408, 429):
            raise FileNotFoundError(f"the server answers {answer.status_code} {answer.reason}")
        answer.raise_for_status()
        return answer.status_code == 206

    @staticmethod
    def _fits(content_range: str, have: int) -> bool:
        return have > 0 and content_range.startswith(f"bytes {have}-")

    def _write(self, answer: requests.Response, have: int) -> None:
        most = self.size or MOST_BYTES
        with self.part.open("ab" if have else "wb") as stream:
            for piece in answer.iter_content(PIECE):
                have += len(piece)
                if have > most:
                    break
                stream.write(piece)
        if have > most:
            self.part.unlink()
            raise OSError(f"the server sends more than the {most} bytes expected; the download was deleted")


def fetch(
    entry: Entry, data: Path, replace: bool = False, tell: Callable[[str], None] = lambda _: None
) -> list[str]:
    """Download every file of an entry that is not in the data folder yet.

    A file gets its final name only if its hash is right. If there is a file of that name with another hash,
    ValueError; with `replace` it is downloaded again. `tell` is called with a progress line when there are
    many files. Returns one line per file: what was done.
    """
    original = entry.original
    if original is None:
        raise ValueError(
            f"{entry.address} cannot be downloaded: put the files there yourself (see recurbench data list)"
        )
    if original.listing:
        return _fetch_many(entry, original, data, replace, tell)
    done = []
    with _session() as session:
        for file in original.files:
            target = entry.folder(data) / file.name
            if target.exists() and fresh_hash(target) == file.sha256:
                done.append(f"{target} is here already")
                continue
            if target.exists() and not replace:
                raise ValueError(
                    f"{target} differs from the file in {original.repository}; move it away, or download it "
                    "again with --replace"
                )
            _fetch_file(original.address(file), target, file, session)
            done.append(f"{target}: {file.bytes} bytes, sha256 as recorded")
    return done


def _fetch_many(
    entry: Entry, original: Original, data: Path, replace: bool, tell: Callable[[str], None]
) -> list[str]:
    """Download a folder of files that share one hash. The folder gets its final name at the end."""
    folder = entry.folder(data)
    inner = Path(original.files[0].name).parts[0]
    target, coming = folder / inner, folder / f".{inner}.incoming"
    names = [Path(file.name).relative_to(inner) for file in original.files]
    if target.exists():
        if all((target / name).exists() for name in names) and original.listing == listing_hash(
            sorted(target.rglob("*.*"), key=lambda path: path.name)
        ):
            return [f"{target} is here already, {len(names)} files"]
        if not replace:
            raise ValueError(f"{target} holds other files; move it away, or download it again with --replace")
    with _session() as session:
        for count, (file, name) in enumerate(zip(original.files, names, strict=True)):
            if count % REPORTED == 0:
                tell(f"{count} of {len(names)} files")
            if not (coming / name).exists():
                _fetch_file(original.address(file), coming / name, file, session)
    arrived = [coming / name for name in names]
    if listing_hash(sorted(arrived, key=lambda path: path.name)) != original.listing:
        _drop(coming)
        raise ValueError(
            f"{entry.address}: the {len(names)} files differ from those at commit {original.commit}; they "
            "were deleted"
        )
    if target.exists():
        _drop(target)
    coming.rename(target)
    return [f"{target}: {len(names)} files, sha256 over all as recorded"]


def _drop(folder: Path) -> None:
    """Delete a folder of plain files."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    folder.rmdir()


def _session() -> requests.Session:
    try:
        import pooch  # noqa: F401
        import requests
    except ImportError as error:
        raise ValueError(NEED) from error
    return requests.Session()


def _fetch_file(url: str, target: Path, file: File, session: requests.Session) -> None:
    import pooch
    from requests.exceptions import RequestException

    pooch.get_logger().setLevel("WARNING")
    target.parent.mkdir(parents=True, exist_ok=True)
    name = target.name
    part = target.with_name(f".{name}.part")
    store = pooch.create(
        path=target.parent,
        base_url="",
        registry={name: f"sha256:{file.sha256}" if file.sha256 else None},
        urls={name: url},
        retry_if_failed=RETRIES,
    )
    try:
        store.fetch(name, downloader=Resuming(session, part, file.bytes))
    except (RequestException, OSError, ValueError) as error:
        resume = ""
        if part.exists():
            resume = f"; {part.stat().st_size} bytes have arrived, run the command again to continue"
        raise OSError(
            f"could not fetch {url}: {_short(error)}{resume}; or put {target} there yourself"
        ) from error


def _short(error: Exception) -> str:
    """The beginning of the long messages of pooch and requests."""
    text = " ".join(str(error).split())
    if isinstance(error, ValueError) and "hash" in text:
        return f"the downloaded file has another hash ({text[:200]})"
    return text[:300]
