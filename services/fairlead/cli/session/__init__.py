"""Servers, sessions and versions."""
