"""The forum's rules and values: pure functions and dataclasses, without I/O."""
