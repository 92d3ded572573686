"""What delivery and interaction both rest on: permissions, channels, files, turns, the end."""
