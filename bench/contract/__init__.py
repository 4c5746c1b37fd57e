"""The checks behind `recurbench check`."""
