"""Desired against live, object by object."""
