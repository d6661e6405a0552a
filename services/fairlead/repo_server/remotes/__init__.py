"""Repositories as they are mirrored, and who follows what in them."""
