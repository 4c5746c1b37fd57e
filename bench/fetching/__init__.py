"""Data that is not shipped: how it is downloaded, unpacked and verified."""
