"""Setting a server up: its channels, settings and categories."""
