"""Archives: unpacked in memory under limits, and brought into a bare repository as Git's own objects.

Why: a render reads objects of a repository on this disk and nothing else; what comes as an archive becomes
that. The invariant: nothing of an archive touches the file system by its own name.
"""

from fairlead.archives.errors import ArchiveError, ArchiveRefusedError, ImportFailedError
from fairlead.archives.files import File
from fairlead.archives.limits import Limits
from fairlead.archives.repository import create_repository, import_blob, import_files
from fairlead.archives.unpack import beneath_root, unpack

__all__ = [
    "ArchiveError",
    "ArchiveRefusedError",
    "File",
    "ImportFailedError",
    "Limits",
    "beneath_root",
    "create_repository",
    "import_blob",
    "import_files",
    "unpack",
]
