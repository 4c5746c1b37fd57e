"""The datasets and probes: one short file per source."""
