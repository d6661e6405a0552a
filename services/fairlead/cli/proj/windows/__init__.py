"""Sync windows of a project: when its applications may be synced."""
