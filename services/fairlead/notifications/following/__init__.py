"""What is watched: Applications, AppProjects, the configuration of each namespace, and public events."""
