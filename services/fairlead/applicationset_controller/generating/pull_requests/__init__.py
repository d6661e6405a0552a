"""The generator `pullRequest`: the open pull or merge requests of one repository.

The invariant: only a repository that is surely not there counts as one without requests, and only where the
set says so.
"""
