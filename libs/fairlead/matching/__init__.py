"""Which repository, revision or path is meant: pure comparisons of what people wrote with what there is."""
