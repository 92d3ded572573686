"""What every command, click and form shares."""
