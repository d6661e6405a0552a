"""Where an application is that nobody wrote to is told by the history of what it follows."""

from fairlead.events.envelope import encode
from fairlead.events.ref_history import COMMITS, RefHistories, RefHistory

APP, OTHER = ("argocd", "app"), ("argocd", "other")
EMPTY = RefHistory(repository="git.example/x", ref="main")


def test_an_untouched_application_is_at_the_newest_commit() -> None:
    history = EMPTY.moved("a", "b", (OTHER,)).moved("b", "c", ())
    assert [history.laid_over(APP, commit) for commit in "abc"] == ["c", "c", "c"]


def test_a_touched_application_stays_before_the_commit_until_that_is_written() -> None:
    history = EMPTY.moved("a", "b", ()).moved("b", "c", (APP,)).moved("c", "d", ())
    assert [history.laid_over(APP, commit) for commit in "abcd"] == ["b", "b", "d", "d"]


def test_a_ref_that_returns_to_a_commit_is_counted_from_its_return() -> None:
    history = EMPTY.moved("a", "b", (APP,)).moved("b", "a", (APP,)).moved("a", "c", ())
    assert history.laid_over(APP, "a") == "c"


def test_an_unknown_revision_and_a_broken_chain_say_nothing() -> None:
    history = EMPTY.moved("a", "b", ()).moved("x", "y", ())
    assert history.laid_over(APP, "a") == "a"
    assert history.laid_over(APP, "x") == "y"


def test_a_history_is_bounded() -> None:
    history = EMPTY
    for number in range(COMMITS * 2):
        history = history.moved(str(number), str(number + 1), ())
    assert len(history.moves) == COMMITS


def test_histories_are_found_by_repository_and_ref() -> None:
    histories = RefHistories()
    histories.take("k", encode(RefHistory(repository="r", ref="").moved("a", "b", ())))
    assert histories.laid_over(APP, "home", "r", "HEAD", "a") == "b"
    assert histories.laid_over(APP, "home", "r", "main", "a") == "a"
    histories.take("k", b"rubbish")
    assert histories.laid_over(APP, "home", "r", "", "a") == "a"


def test_two_who_tell_the_same_step_are_both_remembered() -> None:
    history = RefHistory(repository="r", ref="").moved("a", "b", (("argocd", "one"),))
    history = history.moved("a", "b", (("argocd", "two"),))
    assert [move.commit for move in history.moves] == ["a", "b"]
    assert history.touched_since("a") == {("argocd", "one"), ("argocd", "two")}
    assert history.touched_since("b") == frozenset()
    assert history.touched_since("x") is None


def test_one_who_lags_goes_on_from_a_commit_that_is_known() -> None:
    history = RefHistory(repository="r", ref="").moved("a", "b", ()).moved("b", "c", (("argocd", "one"),))
    history = history.moved("a", "d", (("argocd", "two"),))
    assert [move.commit for move in history.moves] == ["a", "b", "c", "d"]
    assert history.laid_over(("argocd", "three"), "a") == "d"
    assert [move.commit for move in history.moved("x", "y", ()).moves] == ["x", "y"]


def test_a_move_says_nothing_of_applications_of_other_partitions() -> None:
    """Repo-servers that follow a ref beside see its commits at other times than its owner."""
    history = EMPTY.moved("a", "b", (), "37").moved("b", "c", (), "3").moved("c", "d", (), "3")
    assert history.of("3").laid_over(APP, "a") == "d"
    assert history.of("7").laid_over(APP, "a") == "b"
    assert history.of("5").laid_over(APP, "a") == "a"
    assert history.of("37").commit == "b", "of these together only what was told of both is known"
    history = history.moved("b", "d", (APP,), "7")
    assert (history.of("7").laid_over(APP, "a"), history.of("3").laid_over(OTHER, "a")) == ("b", "d")
    assert [(move.commit, move.parts) for move in history.moves][-1] == ("d", "37")


def test_partitions_that_are_new_to_a_ref_leave_what_is_known_of_the_others() -> None:
    history = EMPTY.moved("a", "b", (), "3").moved("b", "c", (), "35")
    assert history.of("3").laid_over(APP, "a") == "c"
    assert history.of("5").laid_over(APP, "b") == "c"
    history = history.moved("x", "d", (), "5")
    assert history.of("5").laid_over(APP, "b") == "b", "how it came to x is not known"
    assert history.of("5").laid_over(APP, "x") == "d"
    assert history.of("3").laid_over(APP, "a") == "c"


def test_all_partitions_together_are_everybody() -> None:
    history = EMPTY.moved("a", "b", (), "01234567").moved("a", "b", (), "89abcdef")
    assert history.moves[-1].parts == ""
    histories = RefHistories()
    histories.take("k", encode(history))
    assert histories.laid_over(APP, "host/home", "git.example/x", "main", "a") == "b"


def test_what_people_are_told_is_laid_over_and_commits_are_what_is_compared() -> None:
    history = EMPTY.moved("a", "b", (), shown="1.1.0", old_shown="1.0.0").moved(
        "b", "c", (OTHER,), shown="1.1.0"
    )
    history = history.moved("c", "d", (APP,), shown="1.2.0")
    assert history.commit == "d"
    assert history.laid_over(APP, "1.0.0") == "1.1.0", "the same version was published twice"
    assert history.laid_over(OTHER, "1.0.0") == "1.1.0"
    assert history.laid_over(OTHER, "1.1.0") == "1.2.0"
    assert history.touched_since("b") == {OTHER, APP}
