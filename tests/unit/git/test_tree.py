"""A tree of Git is taken apart as far as it is needed, and means the same either way."""

from hypothesis import given
from hypothesis import strategies as st

from fairlead.git.tree import Entries, Tree

names = st.binary(min_size=1, max_size=6).filter(lambda name: not set(name) & {0, ord("/")})
modes = st.sampled_from((b"40000", b"100644", b"100755", b"120000", b"160000"))
entries = st.dictionaries(names, st.tuples(modes, st.binary(min_size=20, max_size=20)), max_size=8)


def written(found: Entries) -> Tree:
    return Tree(b"".join(mode + b" " + name + b"\0" + oid for name, (mode, oid) in found.items()))


@given(entries)
def test_a_tree_has_the_entries_that_were_written(found: Entries) -> None:
    assert written(found).entries == found


@given(entries, entries, st.data())
def test_what_differs_is_what_either_has_otherwise(one: Entries, added: Entries, data: st.DataObject) -> None:
    kept = data.draw(st.sets(st.sampled_from(sorted(one)))) if one else set()
    other = {name: one[name] for name in kept} | added
    gone, new = written(one).differing(written(other))
    assert gone == {name: entry for name, entry in one.items() if other.get(name) != entry}
    assert new == {name: entry for name, entry in other.items() if one.get(name) != entry}
