"""Delivery: keeping Discord in step with the database."""
