"""Archives nobody vouches for: named files come out, tricks are refused."""

from __future__ import annotations

import io
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from recurbench.fetching import unpack as module
from recurbench.fetching.unpack import copy, is_archive, unpack


def zipped(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return path


def tarred(path: Path, files: dict[str, bytes], *others: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
        for info in others:
            archive.addfile(info)
    return path


@pytest.mark.parametrize("make", [zipped, tarred])
@pytest.mark.parametrize(
    "folder", ["", "archive-main/", "UCR/Coffee/"], ids=["bare", "in a folder", "as the archive has it"]
)
def test_named_files_come_out_under_our_names(make, folder, tmp_path):
    suffix = "zip" if make is zipped else "tar.gz"
    files = {f"{folder}Coffee_TRAIN.ts": b"1", f"{folder}Coffee_TEST.ts": b"2", f"{folder}readme": b"x"}
    path = make(tmp_path / f"a.{suffix}", files)
    assert is_archive(path)
    names = ["Coffee/Coffee_TRAIN.ts", "Coffee/Coffee_TEST.ts"]
    written = unpack(path, names, tmp_path / "out")
    assert [file.read_bytes() for file in written] == [b"1", b"2"]
    assert written == [tmp_path / "out" / name for name in names]
    assert sorted(p.name for p in (tmp_path / "out").rglob("*") if p.is_file()) == [
        "Coffee_TEST.ts",
        "Coffee_TRAIN.ts",
    ]


def test_a_star_takes_every_file_that_fits(tmp_path):
    path = zipped(
        tmp_path / "a.zip", {"d-1/recordings/0_a.wav": b"0", "d-1/recordings/1_a.wav": b"1", "d-1/x": b""}
    )
    written = unpack(path, ["recordings/*.wav"], tmp_path / "out")
    assert written == [tmp_path / "out" / "recordings" / f"{i}_a.wav" for i in range(2)]


def test_an_archive_without_one_of_the_names_gives_nothing(tmp_path):
    path = zipped(tmp_path / "a.zip", {"Coffee_TRAIN.ts": b"1"})
    assert unpack(path, ["Coffee_TRAIN.ts", "Coffee_TEST.ts"], tmp_path / "out") == []
    assert not (tmp_path / "out").exists()


def test_the_file_nearest_to_the_top_is_meant_and_a_tie_is_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", {"U/Missing/P/P.tsv": b"adjusted", "U/P/P.tsv": b"raw"})
    assert unpack(path, ["P/P.tsv"], tmp_path / "out")[0].read_bytes() == b"raw"
    path = zipped(tmp_path / "b.zip", {"one/P.tsv": b"1", "two/P.tsv": b"2"})
    with pytest.raises(ValueError, match=r"holds P/P.tsv more than once: one/P.tsv, two/P.tsv"):
        unpack(path, ["P/P.tsv"], tmp_path / "out")
    path = zipped(tmp_path / "c.zip", {"a/r/0.wav": b"1", "b/r/0.wav": b"2"})
    with pytest.raises(ValueError, match="two files of one name"):
        unpack(path, ["r/*.wav"], tmp_path / "out")


@pytest.mark.parametrize("make", [zipped, tarred])
@pytest.mark.parametrize(
    "name", ["../evil.csv", "a/../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "..\\evil.csv", "\\evil.csv"]
)
def test_a_member_that_points_outside_is_refused_with_the_whole_archive(make, name, tmp_path):
    path = make(tmp_path / "a.bin", {"a.csv": b"good", name: b"bad"})
    with pytest.raises(ValueError, match="points outside"):
        unpack(path, ["a.csv"], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a.bin"]


def test_links_and_devices_are_refused(tmp_path):
    link = tarfile.TarInfo("b.csv")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    device = tarfile.TarInfo("b.csv")
    device.type = tarfile.CHRTYPE
    paths = [tarred(tmp_path / f"{i}.tar", {"a.csv": b"1"}, one) for i, one in enumerate((link, device))]
    info = zipfile.ZipInfo("b.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("a.csv", b"1")
        archive.writestr(info, "/etc/passwd")
    for path in (*paths, tmp_path / "c.zip"):
        with pytest.raises(ValueError, match="is a link or a device"):
            unpack(path, ["a.csv"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_bomb_is_refused_before_anything_is_written(tmp_path):
    bomb = bytes(30 << 20)
    for path in (zipped(tmp_path / "a.zip", {"a.csv": bomb}), tarred(tmp_path / "a.tar.gz", {"a.csv": bomb})):
        assert path.stat().st_size < 1 << 16
        with pytest.raises(ValueError, match="would unpack to 31457280 bytes or more; refused"):
            unpack(path, ["a.csv"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_bomb_of_many_small_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_MEMBERS", 10)
    path = zipped(tmp_path / "a.zip", {f"{i}.csv": b"" for i in range(11)})
    with pytest.raises(ValueError, match="more than 10 files"):
        unpack(path, ["0.csv"], tmp_path / "out")


def test_a_member_that_lies_about_its_size_is_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.csv": bytes(1 << 20)})
    raw = bytearray(path.read_bytes())
    place = raw.rindex(b"PK\x01\x02")
    raw[place + 24 : place + 28] = struct.pack("<I", 10)
    path.write_bytes(raw)
    with pytest.raises(ValueError, match=r"a\.csv.*(cannot be unpacked|longer than it says)"):
        unpack(path, ["a.csv"], tmp_path / "out")
    assert [p for p in (tmp_path / "out").rglob("*") if p.is_file()] == []


def test_a_torn_archive_leaves_no_file(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.csv": bytes(range(256)) * 4096}, zipfile.ZIP_STORED)
    raw = bytearray(path.read_bytes())
    raw[5000] ^= 255
    path.write_bytes(raw)
    with pytest.raises(ValueError, match="cannot be unpacked: Bad CRC"):
        unpack(path, ["a.csv"], tmp_path / "out")
    assert [p for p in (tmp_path / "out").rglob("*") if p.is_file()] == []


def test_an_encrypted_archive_is_left_to_the_user(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.csv": b"1"})
    raw = bytearray(path.read_bytes())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(sign) + offset] |= 1
    path.write_bytes(raw)
    with pytest.raises(ValueError, match="is encrypted; unpack it yourself"):
        unpack(path, ["a.csv"], tmp_path / "out")


def test_what_is_no_archive_is_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("1,2")
    assert not is_archive(path)
    with pytest.raises(ValueError, match="neither a zip nor a tar"):
        unpack(path, ["a.csv"], tmp_path)


def test_a_copy_is_the_same_file(tmp_path):
    (tmp_path / "a").write_bytes(b"123")
    assert copy(tmp_path / "a", tmp_path / "b" / "c").read_bytes() == b"123"
    assert [p.name for p in (tmp_path / "b").iterdir()] == ["c"]
