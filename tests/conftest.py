"""Settings for every test, and what the tests of a session share."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from recurbench import registry
from shared_files import real

# A busy machine makes an example slow, not wrong. `.ci/run` asks for the profile with all examples.
settings.register_profile("all-examples", deadline=None)
settings.register_profile("fewer-examples", deadline=None, max_examples=25)
settings.load_profile("fewer-examples")

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
