"""Obtaining what a render needs beside its repository, as objects in bare repositories of this disk."""
