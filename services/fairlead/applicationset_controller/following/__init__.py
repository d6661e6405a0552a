"""What is watched: sets, their Applications, clusters, projects, commits; and whom a change concerns."""
