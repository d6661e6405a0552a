"""Who we are where a password is not enough: keys and roles that are exchanged for tokens.

The invariant: a token is in memory alone, is asked for once for all who need it, and goes where its
credential may go and nowhere else.
"""

from fairlead.identities.identities import Identities

__all__ = ["Identities"]
