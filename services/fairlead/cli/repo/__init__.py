"""Repositories that applications come from."""
