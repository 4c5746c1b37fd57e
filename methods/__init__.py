"""The methods: one short file per idea."""
