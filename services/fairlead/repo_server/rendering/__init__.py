"""From a wish and its commits to rendered sets."""
