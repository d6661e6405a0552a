"""Public keys that commits may be signed with."""
