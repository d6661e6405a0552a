"""What of an archive is unpacked, and what is refused in words."""

import gzip
import io
import os
import tarfile
import zipfile

import pytest

from fairlead.archives import ArchiveRefusedError, File, Limits, beneath_root, unpack
from tests.unit.archives.tars import BLOCK, end, file, gzipped, header, pax, special, tar

LONG = "folder-with-a-long-name/" * 12 + "file.yaml"


def names(archive: bytes, limits: Limits | None = None) -> list[str]:
    return [one.path for one in unpack(archive, limits or Limits())]


def refusal(archive: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(ArchiveRefusedError) as refused:
        names(archive, limits)
    return str(refused.value)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("pack", [bytes, gzipped])
def test_files_come_out_of_every_common_form(form: int, pack: object) -> None:
    script = file("bin/run.sh", b"#!/bin/sh\n", 0o755)
    archive = tar(
        special("bin", tarfile.DIRTYPE), script, file("./a.yaml", b"a: 1\n"), file("b//c", b""), form=form
    )
    assert list(unpack(pack(archive))) == [  # type: ignore[operator]
        File("bin/run.sh", b"#!/bin/sh\n", executable=True),
        File("a.yaml", b"a: 1\n"),
        File("b/c", b""),
    ]


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_and_names_in_any_script_come_out_whole(form: int) -> None:
    archive = tar(file(LONG), file("värde-値.yaml"), special("link", tarfile.SYMTYPE, LONG), form=form)
    found = list(unpack(archive))
    assert [one.path for one in found] == [LONG, "värde-値.yaml", "link"]
    assert found[2] == File("link", LONG.encode(), is_link=True)


def test_names_that_are_not_utf8_are_kept_byte_by_byte() -> None:
    assert names(end(header(b"caf\xe9"))) == ["caf\udce9"]


def test_large_files_come_out_as_they_went_in() -> None:
    content = os.urandom(3 << 20)
    assert [one.content for one in unpack(gzipped(tar(file("a", content), file("b", b"b"))))] == [
        content,
        b"b",
    ]


def test_what_follows_in_further_gzip_members_belongs_to_it() -> None:
    archive = tar(file("a", b"a" * 5000), file("b"))
    assert names(gzip.compress(archive[:1000]) + gzip.compress(archive[1000:])) == ["a", "b"]


def test_an_archive_without_an_end_mark_is_whole_at_its_end() -> None:
    assert names(header(b"a", size=b"00000000001\0") + b"x".ljust(BLOCK, b"\0")) == ["a"]


def test_a_comment_for_all_entries_is_no_entry() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", pax_headers={"comment": "a" * 40}) as archive:
        member, body = file("a")
        archive.addfile(member, io.BytesIO(body))
    assert names(out.getvalue()) == ["a"]


@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "a/../../up", "a/.."])
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    assert "absolute" in (told := refusal(tar(file(name)))) or "leads out" in told


def test_a_name_with_a_nul_is_refused() -> None:
    assert "NUL" in refusal(end(pax((b"path", b"a\0b")) + header(b"a")))


def test_a_name_that_is_too_deep_or_too_long_is_refused() -> None:
    assert "folders deep" in refusal(tar(file("a/" * 64 + "b")))
    assert "longer than 4096 bytes" in refusal(tar(file("a/" * 3000 + "b")))
    assert "more than 255 bytes" in refusal(tar(file("a" * 256)))


def test_a_file_without_a_name_is_refused() -> None:
    assert "no name" in refusal(end(header(b"./.")))


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"),
        (tarfile.FIFOTYPE, "pipe"),
        (b"Q", "unknown kind"),
    ],
)
def test_devices_and_pipes_and_unknown_kinds_are_refused(kind: bytes, word: str) -> None:
    assert word in refusal(end(header(b"thing", kind=kind)))


def test_sparse_files_are_refused() -> None:
    assert "sparse" in refusal(end(header(b"hole", kind=b"S")))
    assert "sparse" in refusal(end(pax((b"GNU.sparse.major", b"1")) + header(b"hole")))


def test_folders_of_git_are_left_out_however_they_are_spelt() -> None:
    hidden = (".git/config", "a/.GIT/hooks/x", "b/git~1/x", "c/.g\u200cit/x", "d/.git. /x", "sub/.git")
    assert names(tar(*(file(name) for name in hidden), file(".gitignore"))) == [".gitignore"]


def test_a_hard_link_has_the_content_of_the_earlier_file() -> None:
    archive = tar(file("a", b"same"), special("b", tarfile.LNKTYPE, "a"))
    assert list(unpack(archive))[1] == File("b", b"", same_as="a")
    assert "absolute" in refusal(tar(special("b", tarfile.LNKTYPE, "/etc/passwd")))


def test_names_that_differ_in_case_are_two_files_as_in_git() -> None:
    assert names(tar(file("README"), file("readme"))) == ["README", "readme"]


def test_an_archive_that_swells_is_refused_by_its_ratio_before_its_size() -> None:
    told = refusal(gzipped(tar(file("zeros", bytes(64 << 20)))))
    assert "200 times as large" in told


def test_more_bytes_than_may_be_unpacked_are_refused() -> None:
    archive = gzipped(tar(file("a", os.urandom(300_000))))
    assert "larger than 200000 bytes" in refusal(archive, Limits(unpacked=200_000))
    assert names(archive, Limits(unpacked=0)) == ["a"]


def test_a_file_larger_than_may_be_is_refused_before_it_is_read() -> None:
    assert "'a' is larger than 128 MiB" in refusal(end(header(b"a", size=b"77777777777\0")))
    huge = b"\x80" + (1 << 60).to_bytes(11, "big")
    assert "'a' is larger than 128 MiB" in refusal(end(header(b"a", size=huge)))


def test_a_negative_size_is_refused() -> None:
    assert "negative" in refusal(end(header(b"a", size=b"\xff" * 12)))


def test_a_header_of_names_larger_than_may_be_is_refused_before_it_is_read() -> None:
    for kind in (b"x", b"g", b"L", b"K"):
        assert "a header of it is larger than 1 MiB" in refusal(
            end(header(b"a", kind=kind, size=b"77777777777\0"))
        )


def test_a_size_in_a_pax_record_counts_as_the_headers_own_does() -> None:
    assert "larger than 128 MiB" in refusal(end(pax((b"size", b"9" * 19)) + header(b"a")))
    assert "no size" in refusal(end(pax((b"size", b"-1")) + header(b"a")))
    assert names(end(pax((b"size", b"3")) + header(b"a") + b"abc".ljust(BLOCK, b"\0"))) == ["a"]


def test_pax_records_that_are_not_whole_are_refused() -> None:
    for broken in (b"99 path=a\n", b"x path=a\n", b"10 path=ab", b"0 \n"):
        whole = header(b"p", kind=b"x", size=b"%011o\0" % len(broken)) + broken.ljust(BLOCK, b"\0")
        assert "pax record" in refusal(end(whole + header(b"a")))


def test_too_many_entries_are_refused() -> None:
    many = tar(*(file(f"f{number}") for number in range(11)))
    assert "more than 10 entries" in refusal(many, Limits(files=10))
    headers = end(header(b"l", kind=b"L", size=b"00000000001\0") + b"a".ljust(BLOCK, b"\0")) * 1
    assert "more than 4 headers" in refusal(headers[: 2 * BLOCK] * 6 + bytes(2 * BLOCK), Limits(files=1))


def test_a_damaged_archive_is_refused() -> None:
    whole = gzipped(tar(file("a", os.urandom(5000))))
    assert "ends early" in refusal(whole[:-2000])
    assert "damaged" in refusal(whole[:2000] + b"\0\0\0\0" + whole[2004:])
    assert "checksum" in refusal(b"words that are no archive".ljust(1024, b"."))
    assert "ends early" in refusal(header(b"a", size=b"00000001000\0") + b"short")


def test_what_stands_behind_a_single_end_mark_is_refused() -> None:
    assert "follows its end" in refusal(
        tar(file("a"))[:1024] + bytes(BLOCK) + header(b"hidden") + bytes(1024)
    )


def test_an_archive_larger_than_may_be_sent_is_not_looked_at() -> None:
    assert "larger than 100 bytes" in refusal(bytes(101), Limits(archive=100))


def zipped(*files: tuple[str, bytes], mode: int = 0, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files:
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = mode << 16, method
            archive.writestr(info, content)
    return out.getvalue()


def test_files_come_out_of_a_zip_archive() -> None:
    assert list(unpack(zipped(("a/b", b"1"), ("a/", b""), mode=0o100755)))[:1] == [
        File("a/b", b"1", executable=True)
    ]
    assert list(unpack(zipped(("l", b"a"), mode=0o120777))) == [File("l", b"a", is_link=True)]
    assert names(zipped()) == []


def test_zip_archives_that_reach_out_or_swell_are_refused() -> None:
    assert "leads out" in refusal(zipped(("../a", b"1")))
    assert "neither a file" in refusal(zipped(("a", b""), mode=0o060644))
    assert "times as large" in refusal(zipped(("zeros", bytes(32 << 20))))
    assert "larger than 1000 bytes" in refusal(zipped(("a", bytes(2000))), Limits(file=1000))
    assert "entries" in refusal(zipped(*((f"f{n}", b"") for n in range(11))), Limits(files=10))
    assert "not known here" in refusal(zipped(("a", b"1"), method=zipfile.ZIP_LZMA))
    assert "directory" in refusal(zipped(("a", b"1"))[:-30])


def test_zip_entries_that_share_what_they_hold_are_refused_by_what_they_become() -> None:
    small = Limits(ratio_from=1 << 10, ratio=5)
    one = zipped(("a", os.urandom(400) + bytes(200)))
    assert names(one, small) == ["a"]
    at = one.index(b"PK\x01\x02")
    directory, end_mark = one[at : one.index(b"PK\x05\x06")], one[one.index(b"PK\x05\x06") :]
    count = (20).to_bytes(2, "little")
    size = (20 * len(directory)).to_bytes(4, "little")
    shared = one[:at] + directory * 20 + end_mark[:8] + count + count + size + end_mark[16:]
    assert "times as large" in refusal(shared, small)


def test_a_zip_entry_that_holds_more_than_it_says_is_refused() -> None:
    whole = zipped(("a", b"abcdefgh" * 100))
    lied = whole.replace((800).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert "damaged" in refusal(lied)


def test_the_one_folder_of_an_archive_can_be_its_root() -> None:
    archive = tar(
        file("web/Chart.yaml"), file("web/templates/a"), special("web/b", tarfile.LNKTYPE, "web/Chart.yaml")
    )
    found = list(beneath_root(unpack(archive), "web"))
    assert [(one.path, one.same_as) for one in found] == [
        ("Chart.yaml", ""),
        ("templates/a", ""),
        ("b", "Chart.yaml"),
    ]


def test_files_beside_the_root_are_left_out_only_where_its_name_is_known() -> None:
    archive = tar(file("web/a"), file("other/b"))
    assert [one.path for one in beneath_root(unpack(archive), "web")] == ["a"]
    for root in ("", "other"):
        with pytest.raises(ArchiveRefusedError, match="not one"):
            list(beneath_root(unpack(archive), root))
    with pytest.raises(ArchiveRefusedError, match="in no folder"):
        list(beneath_root(unpack(tar(file("Chart.yaml")))))
    with pytest.raises(ArchiveRefusedError, match="no files"):
        list(beneath_root(unpack(tar())))
