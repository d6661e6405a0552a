"""Cluster service: one module per thing people do with clusters.

The invariant: credentials go in and never come out.
"""
