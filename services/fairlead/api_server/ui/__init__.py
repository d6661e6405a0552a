"""Serving the web UI: its files, its pages, and what a browser is told to allow them."""
