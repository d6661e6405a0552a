"""Who hears of what: destinations, conditions, the memory of what was sent, and what is to be sent now."""
