"""What the status of an application says, and what the world is told."""
