"""The process as its owner meets it: exit codes, signals, settings, health, packaging."""
