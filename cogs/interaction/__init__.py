"""Shared by every command, click and form."""
