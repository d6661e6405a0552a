"""The generator `scmProvider`: the repositories of an organisation, group or project.

The invariant: a repository that cannot be looked at fails the generator; only what a host surely does not
have is left out.
"""
