"""The conversation with the repo-servers: what is wanted, what they answer, in which order."""
