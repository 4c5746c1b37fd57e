"""The data sets and synthetic tasks: one file per source."""
