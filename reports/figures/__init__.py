"""Figures of a run: one file per figure, each from a data frame to a matplotlib figure."""
