"""What other processes ask about applications, their objects and their pods."""
