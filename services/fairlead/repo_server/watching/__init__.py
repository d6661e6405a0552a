"""Looks at remotes, and who of us looks at which."""
