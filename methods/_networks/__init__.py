"""What the networks share: encoding, training, decoding."""
