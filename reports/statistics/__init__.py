"""What a run says in numbers: selection, lifts, tests and verdicts."""
