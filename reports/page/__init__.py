"""The page of a run: sections from its frames, put into one HTML file."""
