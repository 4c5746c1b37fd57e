"""From jobs to rows in the run file."""
