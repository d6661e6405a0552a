"""What a controller costs with many clusters, many objects and many applications: on played clusters."""
