"""One look at one application, from the facts to what is written back."""
