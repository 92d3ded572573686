"""What is true of the forum, whoever asks: pure rules and values, no I/O."""
