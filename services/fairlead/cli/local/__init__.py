"""The suite on this machine: run it, look at it, follow its events."""
