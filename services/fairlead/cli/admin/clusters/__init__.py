"""Clusters as their Secrets declare them, and what of them is deployed to; read from Kubernetes alone."""
