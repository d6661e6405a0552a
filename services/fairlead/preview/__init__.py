"""The preview service: what a pull request would do, told on the pull request, once and kept up to date."""
