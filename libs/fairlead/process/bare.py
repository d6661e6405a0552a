"""Imports structlog without rich, which it takes along when it finds it: 4 MiB of every service.

The command's tables need rich, a service's logs never do. It is the first import of `fairlead.process`, so
that no other module has imported structlog before.
"""

import sys


def _import_structlog() -> None:
    if "rich" in sys.modules or "structlog" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment]  # Python's word for a module that is not to be found
    try:
        import structlog.dev  # noqa: F401, PLC0415 - the import is the purpose
    finally:
        del sys.modules["rich"]


_import_structlog()
