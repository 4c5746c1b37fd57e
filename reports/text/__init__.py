"""Reports in words: for the terminal, Markdown and LaTeX, in English and Korean."""
