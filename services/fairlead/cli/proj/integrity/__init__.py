"""Which commits a project's applications may be deployed from: by signature, for each repository."""
