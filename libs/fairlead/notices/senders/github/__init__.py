"""GitHub, as an app of it: what a message says about a commit, in the five ways GitHub has for that.

status.py, deployment.py, comment.py, check.py and dispatch.py are one each; client.py asks.
"""

from fairlead.notices.senders.github.service import Github, GithubOptions

__all__ = ["Github", "GithubOptions"]
