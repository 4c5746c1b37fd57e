"""A Python environment of a test's own that sees everything this one has, to install plugins into."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

SEES = "import site; site.addsitedir({!r})\n"


@dataclass(frozen=True)
class Environment:
    """An environment in a folder; what is installed into it leaves the one of the tests alone."""

    folder: Path

    @classmethod
    def new(cls, folder: Path) -> Environment:
        """An environment without anything of its own."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        (own,) = folder.glob("lib/python*/site-packages")
        # Also what this environment finds through its own .pth files, such as an editable installation.
        (own / "tests.pth").write_text(SEES.format(sysconfig.get_path("purelib")))
        return cls(folder)

    def install(self, package: Path) -> None:
        """`pip install -e` without the network."""
        pip = (sys.executable, "-m", "pip", "--python", str(self.folder / "bin" / "python"), "install")
        done = subprocess.run(
            [*pip, "--quiet", "--no-deps", "--no-build-isolation", "-e", package],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def python(
        self, *words: str, cwd: Path, code: int | None = 0, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the environment's Python in `cwd`, with more variables; it ends with `code`."""
        done = subprocess.run(
            [self.folder / "bin" / "python", *words],
            cwd=cwd,
            env={**os.environ, "OMP_NUM_THREADS": "1", **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done

    def recurbench(
        self, *words: str, cwd: Path, code: int | None = 0, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command line in it."""
        start = "from recurbench.cli.main import main; main()"
        return self.python("-c", start, *words, cwd=cwd, code=code, **variables)
