"""Shared by delivery and interaction: permissions, channels, files, turns, shutdown."""
