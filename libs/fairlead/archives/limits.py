"""How much of an archive is unpacked: every bound, in one place."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes of the `archive` as sent, of all that is `unpacked` (headers too; 0 for as much as there is), of
    one `file`, of one entry's names (`header`) and of one `path`; numbers of entries (`files`) and of
    folders inside each other (`depth`); and how many bytes one byte may become (`ratio`), which counts from
    `ratio_from` bytes on, as small files of zeros are nobody's attack.
    """

    archive: int = 128 << 20
    unpacked: int = 1 << 30
    file: int = 128 << 20
    header: int = 1 << 20
    path: int = 4096
    files: int = 50_000
    depth: int = 64
    ratio: int = 200
    ratio_from: int = 16 << 20

    @property
    def most(self) -> int:
        """Bytes that may be unpacked."""
        return self.unpacked or 1 << 62
