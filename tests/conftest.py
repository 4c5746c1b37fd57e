"""Settings for every test."""

from hypothesis import settings
from shared_files import real

# A busy machine makes an example slow, not wrong.
settings.register_profile("recurbench", deadline=None)
settings.load_profile("recurbench")

__all__ = ["real"]
