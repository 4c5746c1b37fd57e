"""What all networks share: encoding of examples, training, decoding of answers."""
