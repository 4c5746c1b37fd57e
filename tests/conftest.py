"""Settings for every test, and what the tests of a session share."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from recurbench import registry
from shared_files import real

# A busy machine makes an example slow, not wrong.
settings.register_profile("recurbench", deadline=None)
settings.load_profile("recurbench")

__all__ = ["real"]


@pytest.fixture(scope="session", autouse=True)
def built_in_plugins_are_read_once() -> Iterator[None]:
    """Each `discover()` reads our plugin files; they stay as they are while tests run, so once is enough."""
    read = registry.read
    known = cache(read)

    def once(path: Path, module: str, owner: str) -> list[registry.Plugin]:
        return list((known if owner == registry.OURS else read)(path, module, owner))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "read", once)
        yield
