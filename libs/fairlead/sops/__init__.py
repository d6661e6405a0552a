"""Reading what `sops` encrypted: objects whose values are `ENC[AES256_GCM,…]`, with a key for age or OpenPGP.

    identities.py  who may read: age identities, OpenPGP keys
    decrypt.py     an object's values
    files.py       files in the data of a Secret

Invariant: no error has a value, a key or a part of one in its words.
"""

from fairlead.sops.decrypt import decrypted, is_encrypted
from fairlead.sops.errors import SopsError
from fairlead.sops.files import with_files
from fairlead.sops.identities import Identities

__all__ = ["Identities", "SopsError", "decrypted", "is_encrypted", "with_files"]
