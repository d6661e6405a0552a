"""What rendering costs: one render, an application's answer, a thousand of them, one of ten thousand."""
