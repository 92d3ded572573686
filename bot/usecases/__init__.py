"""Use cases: what members do, one function and one transaction each."""
