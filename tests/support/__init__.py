"""Shared by the tests: databases, the simulated Discord, and common checks."""
