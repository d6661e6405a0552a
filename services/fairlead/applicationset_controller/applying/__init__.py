"""What is generated against what is there: planned without effects, carried out in one place."""
