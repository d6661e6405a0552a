"""Applications: what a template and parameters come to."""
