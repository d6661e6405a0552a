"""OpenPGP public keys: reading what people upload, one key at a time.

Invariant: nothing is verified here: who may sign is decided by who may upload, not by what a key says.
"""

from fairlead.openpgp.armor import ArmorError, armored, dearmored
from fairlead.openpgp.keys import BadKeyError, PublicKey, read_keys

__all__ = ["ArmorError", "BadKeyError", "PublicKey", "armored", "dearmored", "read_keys"]
