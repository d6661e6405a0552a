"""Projects: who may deploy what from where to where."""
