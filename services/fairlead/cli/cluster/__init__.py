"""Clusters that applications go to."""
