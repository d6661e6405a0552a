"""Answers who asks what a set would come to: the API's Generate, a dry run, a preview."""
