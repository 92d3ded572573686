"""What members do: one function a use case, one transaction each."""
