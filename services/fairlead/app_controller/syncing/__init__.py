"""Operations: planned, carried out step by step, brought to an end."""
