"""What is done with a finished run: fit the chosen method on all data, and answer new questions with it."""
