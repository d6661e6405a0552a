"""Hosts of source code that speak the real protocols: pages, ETags, rate limits, and faults on demand."""
