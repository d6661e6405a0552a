"""The clusters that are deployed to: found, opened, read, written to."""
