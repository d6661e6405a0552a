"""The drift journal: who changed what of a managed object outside Git, and what became of it."""
