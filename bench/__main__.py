"""The command line as `python -m recurbench`."""

from recurbench.cli.main import main

if __name__ == "__main__":
    main(prog_name="python -m recurbench")
