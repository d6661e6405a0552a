"""Settings of a control plane, from files or from its cluster."""
