"""Readers of the files that users bring: tables of series, `.ts`, `.tsf`, `.tsv`, and time stamps."""
