"""Puts together what looks at applications need: from the wish that is stored to the status that is written.

Invariant: one look at one application at a time, by the queue; parts that run beside it are named in `parts`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.deleting.delete import Deletion
from fairlead.app_controller.destination.clusters import Clusters
from fairlead.app_controller.following.applications import Applications
from fairlead.app_controller.following.lending import Lending
from fairlead.app_controller.following.projects import Projects
from fairlead.app_controller.following.signing_keys import SigningKeys
from fairlead.app_controller.footing import Footing
from fairlead.app_controller.looking.dependencies import Dependencies
from fairlead.app_controller.looking.gather import Gatherer
from fairlead.app_controller.looking.newer import Newer
from fairlead.app_controller.looking.observer import Observer
from fairlead.app_controller.looking.orphaned import Orphaned
from fairlead.app_controller.looking.recollection import Recollection
from fairlead.app_controller.looking.reconcile import Reconciler
from fairlead.app_controller.looking.sharing import Sharing
from fairlead.app_controller.looking.shelf import Shelf
from fairlead.app_controller.looking.write_back import WriteBack
from fairlead.app_controller.rendering.level import Level
from fairlead.app_controller.rendering.renders import Renders
from fairlead.app_controller.rendering.revisions import Followers, Revisions
from fairlead.app_controller.rendering.wants import Wants
from fairlead.app_controller.reporting.status import StatusWriter
from fairlead.app_controller.reporting.unheeded import unhydrated
from fairlead.app_controller.syncing.evaluate import Means
from fairlead.app_controller.syncing.operate import Operator
from fairlead.app_controller.syncing.progress import Chronicle
from fairlead.app_controller.syncing.target import Targets
from fairlead.bus.topology import controller_manifests, controller_moves
from fairlead.kube.collection import APPLICATIONS
from fairlead.kube.fence import held
from fairlead.kube.gate import Only
from fairlead.kube.writer import ClusterWriter
from fairlead.model.application import AppId
from fairlead.process.rendered_sets import RenderedSets
from fairlead.render.jq import Jq

ANSWERS_AT_ONCE = 64
"""Answers of repo-servers that are taken in at once."""


class Looks:
    """The reconciler, and what it and the answers of the repo-servers have in common."""

    def __init__(
        self,
        footing: Footing,
        *,
        applications: Applications,
        projects: Projects,
        clusters: Clusters,
        keys: SigningKeys,
        lending: Lending,
        owns: Callable[[Record], bool],
        observer: Observer | None = None,
    ) -> None:
        self._observer = observer
        bus, book, queue = footing.bus, footing.book, footing.queue
        self._footing = footing
        self._applications = applications
        self.jq = Jq(footing.parameters.jq_timeout)
        self.checks = Checks(projects, clusters, footing.settings, footing.config.namespace, keys)
        self.followers = Followers()
        self.revisions = Revisions(
            book,
            self.followers,
            per_second=footing.config.moves_per_second,
            is_busy=lambda: queue.depth > 0,
            requeue=lambda app_id: queue.add(app_id, background=True),
            bus=bus,
            on_history=self._ref_told,
        )
        self.dependencies = Dependencies(
            book,
            follows=self.followers.follows,
            requeue=queue.add,
            project=projects.get,
            histories=lambda: self.revisions.histories,
        )
        self.newer = Newer(bus, book, owns=owns, requeue=queue.add)
        self.wants = Wants(
            bus,
            book,
            requeue=queue.add,
            permitted=projects.source_repos,
            demands=self.checks.demanded,
            inflates=lambda: footing.settings().inflates_charts,
            after_build=lending.of,
            remembered=lambda: self.level.remembered(),  # noqa: PLW0108 - there is none yet
            reads_wishes=True,
        )
        self.renders = Renders(bus, book, self.wants, owns=owns, requeue=queue.add)
        self.level = Level(
            bus,
            book,
            owns=owns,
            is_held=self.renders.is_held,
            requeue=lambda app_id: queue.add(app_id, background=True),
            confirmed=self.wants.confirmed,
            period=lambda: footing.settings().reconciliation,
            is_busy=lambda: queue.depth > 0,
        )
        self.shelf = Shelf(footing.cache, lambda record: clusters.registered(record.server)[1])
        self.reconciler = self._reconciler(clusters)

    def parts(self) -> dict[str, Callable[[], Awaitable[object]]]:
        """What runs beside the looks, each until cancelled."""
        bus, member = self._footing.bus, self._footing.membership.id
        return {
            "manifests": lambda: bus.consume(
                controller_manifests(member), self.renders.handle, concurrency=ANSWERS_AT_ONCE
            ),
            "renders": self.renders.run,
            "level": self.level.run,
            "forgotten wishes": lambda: self.wants.withdraw_forgotten(self._applications.is_gone),
            "moves": lambda: bus.consume(controller_moves(member), self.revisions.handle),
            "revisions": self.revisions.run,
            "pins": self.newer.run,
            "histories": self.revisions.watch,
            "ledgers": self.shelf.run,
        }

    def meet(self, record: Record) -> None:
        """An application that was another replica's is as new: answers for it were dropped meanwhile."""
        self.renders.forget(record.id)
        self.shelf.forget(record.id)
        self.followers.note(self._applications.reopen(record))

    def _ref_told(self, repository: str, ref: str) -> None:
        self.dependencies.moved(repository, ref)

    def noted(self, record: Record) -> None:
        """An Application is there, or another."""
        self.followers.note(record)
        self.dependencies.noted(record)
        self.newer.note(record)

    def forget(self, app_id: AppId) -> None:
        """The application is gone."""
        self.followers.forget(app_id)
        self.newer.forget(app_id)
        self.renders.forget(app_id)
        self.shelf.forget(app_id)
        if self._observer is not None:
            self._observer.forget(app_id)

    def _reconciler(self, clusters: Clusters) -> Reconciler:
        footing, parameters, checks = self._footing, self._footing.parameters, self.checks
        status = StatusWriter(
            ClusterWriter(footing.client, fence=held, gate=Only(APPLICATIONS)),
            self._applications,
            footing.teller,
            may_wait=self.revisions.may_wait,
            written=self.revisions.written,
        )
        delay = footing.config.wave_delay
        sets = RenderedSets(footing.bus, footing.cache)
        means = Means(
            Targets(footing.bus, sets, checks.forbidden, checks.demanded),
            Chronicle(status, footing.teller),
            parameters,
            delay if delay >= 0 else parameters.wave_delay,
        )
        orphaned = Orphaned(footing.book, checks)
        sharing = Sharing(footing.book, footing.queue.add, clusters.server_of)
        recollection = Recollection(self.shelf, self.revisions)
        gatherer = Gatherer(
            checks=checks,
            wants=self.wants,
            sets=sets,
            settings=footing.settings,
            jq=self.jq,
            interests=footing.book.interests,
            beside=lambda record, cluster: (
                *orphaned(record, cluster),
                *sharing.remarks(record),
                *(() if parameters.hydrates else unhydrated(record.app)),
            ),
            place=footing.book.place,
            recollection=recollection,
            grace=parameters.repository_error_grace,
            server_side_diff=parameters.server_side_diff,
            may_ask=footing.config.tries,
        )
        return Reconciler(
            book=footing.book,
            checks=checks,
            gatherer=gatherer,
            operator=Operator(means),
            sharing=sharing,
            write_back=WriteBack(status, footing.teller),
            deletion=Deletion(
                clusters,
                checks,
                status,
                footing.teller,
                sharing.claimants,
                dependents=self.dependencies.leaving,
            ),
            dependencies=self.dependencies,
            is_passed=self.newer.is_passed,
            teller=footing.teller,
            drifting=footing.drifting,
            recollection=recollection,
            settings=footing.settings,
            observer=self._observer,
        )
