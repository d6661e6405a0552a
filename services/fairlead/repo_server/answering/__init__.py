"""What is told to who asked, and what is stood behind."""
