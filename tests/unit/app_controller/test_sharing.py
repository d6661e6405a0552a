"""Whether another application holds an object and wants it."""

from msgspec.structs import replace

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.comparing.comparison import compare_application
from fairlead.app_controller.comparing.desired import DesiredState
from fairlead.app_controller.comparing.item import Item
from fairlead.app_controller.looking.sharing import Sharing
from fairlead.kube.catalogue import Catalogue
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import make_desired
from fairlead.model.application import AppId, Application, ApplicationSpec
from fairlead.model.metadata import ObjectMeta
from tests.unit.app_controller.test_ledger import BASIS, Told, key_of

KEY = ResourceKey("", "ConfigMap", "shop", "settings")
OBJECT = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "shop"}}


def opened(book: Book, name: str, server: str = "https://a") -> Record:
    metadata = ObjectMeta(name=name, namespace="argocd")
    record = book.open(Application(metadata=metadata, spec=ApplicationSpec()))
    record.server = server
    return record


def held_by(owner: str) -> Item:
    desired = make_desired(KEY, OBJECT, True)
    return Item(key=KEY, version="v1", desired=desired, live=None, other_owner=owner)


def test_a_holder_that_was_not_looked_at_yet_may_want_what_it_holds() -> None:
    book = Book("argocd")
    woken: list[AppId] = []
    sharing = Sharing(book, woken.append)
    claimant, holder = opened(book, "second"), opened(book, "first", server="")
    assert sharing.holder(claimant, held_by("first")) == "argocd/first"
    holder.server = "https://a"
    assert sharing.holder(claimant, held_by("first")) == "argocd/first"


def test_nobody_holds_what_names_no_application_of_this_cluster() -> None:
    book = Book("argocd")
    sharing = Sharing(book, lambda _: None)
    claimant = opened(book, "second")
    assert sharing.holder(claimant, held_by("gone")) == ""
    opened(book, "first", server="https://b")
    assert sharing.holder(claimant, held_by("first")) == ""
    assert sharing.holder(claimant, held_by("")) == ""


async def test_a_holder_whose_manifests_are_not_known_may_want_what_it_holds() -> None:
    """Nothing could be rendered since the start, so that all it has looks as if nobody wanted it."""
    book = Book("argocd")
    sharing = Sharing(book, lambda _: None)
    claimant, holder = opened(book, "second"), opened(book, "first")
    told, key = Told({}), key_of("ConfigMap", "a")
    told.put(key, "red", "app", "", False)
    await compare_application(told.subject(), told.ledger)
    holder.ledger = told.ledger
    item = replace(held_by("first"), key=key)
    assert not told.ledger.extra[key].item.is_wanted
    assert sharing.holder(claimant, item) == "argocd/first"
    known = DesiredState(basis=BASIS, opened=told.prepared, catalogue=Catalogue(()))
    holder.desired = replace(known, problem="two documents in one")
    assert sharing.holder(claimant, item) == "argocd/first"
    holder.desired = known
    assert sharing.holder(claimant, item) == ""
