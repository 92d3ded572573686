"""Delivery: Discord kept in step with what the database says."""
