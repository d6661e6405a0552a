"""Roles of a project: what its own accounts may do."""
