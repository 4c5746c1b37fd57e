"""What keeps third-party code from changing the results of other methods."""
