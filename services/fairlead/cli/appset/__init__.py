"""Application sets."""
