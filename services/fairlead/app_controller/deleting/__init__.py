"""The end of an application, and of what it made."""
