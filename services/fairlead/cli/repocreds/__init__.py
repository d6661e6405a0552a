"""Credentials for repositories whose addresses begin alike."""
