"""The doctor names what is there and what stands in the way."""

from recurbench.cli.doctor import LEAST_DISK, findings
from recurbench.registry import discover


def found(tmp_path, files=(), imports=False):
    return {one.what: one for one in findings(discover(files), tmp_path / "runs", imports)}


def test_a_sound_machine_has_nothing_in_the_way(tmp_path):
    lines = found(tmp_path)
    assert all(one.good for one in lines.values())
    assert {
        "python",
        "numpy",
        "torch",
        "sqlite",
        "processors",
        "memory",
        "threads",
        "disk",
        "methods",
    } <= set(lines)
    assert lines["datasets"].result.endswith("found")


def test_a_plugin_that_cannot_be_imported_is_named_with_owner_file_and_reason(tmp_path):
    plugin = tmp_path / "needs.py"
    plugin.write_text(
        "import no_such_package\nfrom recurbench import method\n\n\n"
        '@method("needs", family="baseline", kinds={"regression"})\n'
        'def needs(task, train):\n    """Never get here."""\n'
    )
    one = found(tmp_path, [plugin], imports=True)["method needs"]
    assert not one.good
    assert str(plugin) in one.result
    assert "ModuleNotFoundError: No module named 'no_such_package'" in one.result


def test_little_room_on_the_disk_stands_in_the_way(tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": LEAST_DISK / 2})()
    monkeypatch.setattr("recurbench.cli.doctor.shutil.disk_usage", lambda place: usage)
    assert not found(tmp_path)["disk"].good


def test_thread_variables_of_the_environment_are_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("MKL_NUM_THREADS", "7")
    assert "MKL_NUM_THREADS=7" in found(tmp_path)["threads"].result
