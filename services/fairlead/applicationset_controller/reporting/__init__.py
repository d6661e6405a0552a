"""What a set says of itself: conditions, resources, health, Events."""
