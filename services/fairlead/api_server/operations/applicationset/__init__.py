"""ApplicationSets: what is there, made and deleted. Generating Applications is their controller's."""
