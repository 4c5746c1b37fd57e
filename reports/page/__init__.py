"""The page of a run: sections built from its tables, put into one HTML file."""
