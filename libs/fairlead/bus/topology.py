"""Streams, consumers, buckets and permissions, as data.

Work subjects keep one message per subject, the newest, and forget it when it is done: a backlog is as long as
the list of things to do, however often each was asked for.

Every stream and bucket has one owner, which makes it, also after a wipe; the others wait for it.
Nobody may change or delete one, but for how many servers hold it (`copies`): a stream of another shape is a
stream of another name, and the old one is named in `RETIRED`.
To give a service a subject or a bucket, add it to its grant here and run `make generate`.
"""

from enum import StrEnum

import msgspec

from fairlead.events import subjects

MAX_MESSAGE_BYTES = 8 * 1024 * 1024
"""Largest message the server takes; larger values travel through the cache by digest."""

CONTROLLER = "app-controller"
"""Owner of what has no better one: it trusts nobody's bytes, and nothing moves without it."""
READER = "events-reader"
"""The user of outsiders. It lives in an account of its own, into which only the public events come."""

_MIB = 1 << 20


class Retention(StrEnum):
    """`WORK`: gone when done, newest per subject. `LOG`: kept for a while for any number of readers."""

    WORK = "workqueue"
    LOG = "limits"


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """One stream. Ages in seconds, sizes in bytes."""

    name: str
    subjects: tuple[str, ...]
    retention: Retention
    max_age: float
    max_bytes: int
    newest_per_subject: bool = False
    duplicate_window: float = 120.0
    owner: str = CONTROLLER


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """The newest value per key. `max_age` seconds after it was put a value is forgotten; 0 keeps it.

    Values of a sealed one are sealed for their key with the secret that the services share. A full one takes
    nothing more, or `forgets_oldest` what was written longest ago.
    """

    name: str
    owner: str = CONTROLLER
    is_sealed: bool = False
    max_age: float = 0.0
    max_bytes: int = -1
    forgets_oldest: bool = False

    @property
    def stream(self) -> str:
        """Name of the stream that holds it."""
        return f"KV_{self.name}"

    @property
    def subject(self) -> str:
        """What its keys are spelled under."""
        return f"$KV.{self.name}.>"


class Consumer(msgspec.Struct, frozen=True, kw_only=True):
    """One durable consumer, shared by the replicas that use it.

    One with `forgotten_after` belongs to one replica: it begins with what is published once it was made, and
    is forgotten so many seconds after its replica was heard of last. `max_deliver` -1 gives none up.
    """

    stream: str
    name: str
    filter_subject: str
    ack_wait: float = 10.0
    max_deliver: int = 6
    max_ack_pending: int = 512
    forgotten_after: float = 0.0


CHECKS = Stream(
    name="REVISION_CHECKS",
    subjects=(f"{subjects.REVISION_CHECK}.*.*",),
    retention=Retention.WORK,
    max_age=600,
    max_bytes=32 * _MIB,
    newest_per_subject=True,
)
MOVES = Stream(
    name="MOVES",
    subjects=(f"{subjects.REVISION_MOVED}.*.*",),
    retention=Retention.LOG,
    max_age=3600,
    max_bytes=64 * _MIB,
)
RENDERS = Stream(
    name="RENDER_REQUESTS",
    subjects=(f"{subjects.RENDER_REQUESTED}.*.*.*",),
    retention=Retention.WORK,
    max_age=3600,
    max_bytes=128 * _MIB,
    newest_per_subject=True,
)
MANIFESTS = Stream(
    name="RENDERED",
    subjects=(f"{subjects.MANIFESTS_RENDERED}.*.*.*",),
    retention=Retention.LOG,
    max_age=3600,
    max_bytes=128 * _MIB,
    newest_per_subject=True,
)
EVENTS = Stream(
    name="EVENTS",
    subjects=(f"{subjects.PUBLIC}.>",),
    retention=Retention.LOG,
    max_age=86400,
    max_bytes=512 * _MIB,
)
STREAMS = (CHECKS, MOVES, RENDERS, MANIFESTS, EVENTS)
RETIRED = ("CHECKS", "COMMITS", "RENDERS", "KV_histories")
"""Streams of earlier versions, which the controller removes: what they reserve is needed for others."""

SOURCES_BUCKET = "sources"
CAPABILITIES_BUCKET = "capabilities"
CAPABILITIES_AGE = 30 * 86400.0
"""Seconds for which what a cluster serves is kept; the controller puts it again while it is used."""
CREDENTIALS_BUCKET = "credentials"
"""Credentials of repositories, sealed: from those who may read Secrets to those who use them."""
WRITE_CREDENTIALS_BUCKET = "write-credentials"
"""Credentials of repositories to write to, sealed, for the commit server alone."""
SETTINGS_BUCKET = "settings"
"""What ConfigMaps say that a render depends on."""
HISTORIES_BUCKET = "refs"
"""Where followed refs pointed and whom each move touched: one record per repository and ref."""
HISTORIES_AGE = 30 * 86400.0
"""Seconds for which a record is kept; repo-servers put it again while somebody follows the ref."""
MEMBERS_BUCKET = "members"
"""Who beats in it lives: the repo-servers, which share the repositories out among themselves."""
MEMBERS_AGE = 30.0
"""Seconds for which the last beat of one that is no more is kept."""
AUTHORS_BUCKET = "authors"
"""As members, of the commit servers."""
DRIFT_BUCKET = "drift"
"""What was changed of applications outside Git, one record each, written by who owns the cluster."""
DRIFT_AGE = 30 * 86400.0
"""Seconds for which the record of an application is kept after its last change."""
LOGINS_BUCKET = "logins"
"""Failed logins, counted by all api-servers together; older than a day they mean nothing."""
BUCKETS = (
    Bucket(name=SOURCES_BUCKET, is_sealed=True),
    Bucket(name=CREDENTIALS_BUCKET),
    Bucket(name=WRITE_CREDENTIALS_BUCKET),
    Bucket(name=SETTINGS_BUCKET, is_sealed=True),
    Bucket(name=HISTORIES_BUCKET, is_sealed=True, max_age=HISTORIES_AGE),
    Bucket(name=CAPABILITIES_BUCKET, max_age=CAPABILITIES_AGE),
    Bucket(name=MEMBERS_BUCKET, max_age=MEMBERS_AGE, max_bytes=4 * _MIB),
    Bucket(name=AUTHORS_BUCKET, max_age=MEMBERS_AGE, max_bytes=4 * _MIB),
    Bucket(name=DRIFT_BUCKET, is_sealed=True, max_age=DRIFT_AGE, max_bytes=64 * _MIB, forgets_oldest=True),
    Bucket(name=LOGINS_BUCKET, owner="api-server", max_age=86400.0, max_bytes=16 * _MIB),
)

_BUCKETS_SHARE = 0.4
"""What buckets, which reserve nothing, may take beside the streams' reservations, as a part of these."""
_FILE_SYSTEM_SHARE = 0.25
"""What a volume's file system and JetStream's own records may take beside the store."""


def file_store_bytes() -> int:
    """What JetStream's `max_file_store` has to be: the bytes that streams reserve, and room for buckets."""
    reserved = sum(stream.max_bytes for stream in STREAMS)
    return -(-int(reserved * (1 + _BUCKETS_SHARE)) // (64 * _MIB)) * 64 * _MIB


def volume_bytes() -> int:
    """The smallest volume that holds the store of `file_store_bytes`."""
    return int(file_store_bytes() * (1 + _FILE_SYSTEM_SHARE))


def repo_checks(part: str) -> Consumer:
    """What the owner of a partition does of CHECKS."""
    return Consumer(
        stream=CHECKS.name, name=f"repo-server-{part}", filter_subject=f"{subjects.REVISION_CHECK}.{part}.*"
    )


def repo_renders(part: str) -> Consumer:
    """What the owner of a partition does of RENDERS."""
    return Consumer(
        stream=RENDERS.name,
        name=f"repo-server-{part}",
        filter_subject=f"{subjects.RENDER_REQUESTED}.{part}.*.*",
    )


CONSUMERS = tuple(make(part) for make in (repo_checks, repo_renders) for part in subjects.PARTITIONS)
"""Consumers that the stream's owner makes for another service: who may make one may have the server send its
messages to any subject."""


FORGET_REPLICA = 600.0
"""Seconds after which what a controller that is no more was yet to read is forgotten."""


def controller_manifests(replica: str) -> Consumer:
    """What one controller reads of RENDERED: everything, so that nothing depends on who owns a cluster."""
    return Consumer(
        stream=MANIFESTS.name,
        name=f"app-controller-{replica}",
        filter_subject=MANIFESTS.subjects[0],
        forgotten_after=FORGET_REPLICA,
    )


def controller_moves(replica: str) -> Consumer:
    """What one controller reads of MOVES: everything."""
    return Consumer(
        stream=MOVES.name,
        name=f"app-controller-{replica}",
        filter_subject=MOVES.subjects[0],
        forgotten_after=FORGET_REPLICA,
    )


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What one service's NATS user may do.

    `consume` names streams, `use` consumers that the stream's owner makes, `read_streams` streams that are
    read by position. `hear` names subjects that are only listened to. Writing a bucket includes reading it.
    """

    service: str
    publish: tuple[str, ...] = ()
    consume: tuple[str, ...] = ()
    use: tuple[Consumer, ...] = ()
    serve: tuple[str, ...] = ()
    hear: tuple[str, ...] = ()
    request: tuple[str, ...] = ()
    read_streams: tuple[str, ...] = ()
    read_buckets: tuple[str, ...] = ()
    write_buckets: tuple[str, ...] = ()


GRANTS = (
    Grant(
        service="repo-server",
        publish=(
            f"{subjects.REVISION_MOVED}.*.*",
            f"{subjects.MANIFESTS_RENDERED}.*.*.*",
            f"{subjects.PUBLIC}.repo.>",
            f"{subjects.PUBLIC}.app.*.*.rendered",
            f"{subjects.PUBLIC}.app.*.*.render-failed",
        ),
        use=CONSUMERS,
        serve=(f"{subjects.RPC_REPO}.*.*",),
        hear=(f"{subjects.REVISION_CHECK}.*.*",),
        read_streams=(MANIFESTS.name,),
        write_buckets=(HISTORIES_BUCKET, MEMBERS_BUCKET),
        read_buckets=(SOURCES_BUCKET, CREDENTIALS_BUCKET, SETTINGS_BUCKET, CAPABILITIES_BUCKET),
    ),
    Grant(
        service=CONTROLLER,
        publish=(
            f"{subjects.RENDER_REQUESTED}.*.*.*",
            f"{subjects.REVISION_CHECK}.*.*",
            f"{subjects.PUBLIC}.app.>",
        ),
        hear=(f"{subjects.PUBLIC}.repo.>",),
        consume=(MANIFESTS.name, "MOVES"),
        serve=(f"{subjects.RPC_CONTROLLER}.*.*",),
        request=(f"{subjects.RPC_REPO}.*.*", f"{subjects.RPC_COMMIT}.*.*"),
        read_buckets=(HISTORIES_BUCKET,),
        write_buckets=(
            SOURCES_BUCKET,
            CREDENTIALS_BUCKET,
            WRITE_CREDENTIALS_BUCKET,
            SETTINGS_BUCKET,
            CAPABILITIES_BUCKET,
            DRIFT_BUCKET,
        ),
    ),
    Grant(
        service="api-server",
        publish=(
            f"{subjects.REVISION_CHECK}.*.*",
            f"{subjects.PUBLIC}.audit.>",
            f"{subjects.PUBLIC}.repo.*.pull-request.changed",
        ),
        request=(f"{subjects.RPC_REPO}.*.*", f"{subjects.RPC_CONTROLLER}.*.*", f"{subjects.RPC_SETS}.*"),
        read_streams=(EVENTS.name,),
        read_buckets=(SOURCES_BUCKET, HISTORIES_BUCKET),
        write_buckets=(LOGINS_BUCKET,),
    ),
    Grant(
        service="applicationset-controller",
        serve=(f"{subjects.RPC_SETS}.*",),
        hear=(f"{subjects.REVISION_CHECK}.*.*", f"{subjects.PUBLIC}.repo.>"),
        request=(f"{subjects.RPC_REPO}.*.*",),
    ),
    Grant(
        service="notifications",
        request=(f"{subjects.RPC_REPO}.*.*",),
        read_streams=(EVENTS.name,),
    ),
    Grant(
        service="commit-server",
        serve=(f"{subjects.RPC_COMMIT}.*.*",),
        request=(f"{subjects.RPC_REPO}.*.fetch-manifests",),
        write_buckets=(AUTHORS_BUCKET,),
        read_buckets=(WRITE_CREDENTIALS_BUCKET,),
    ),
    Grant(
        service="preview",
        hear=(
            f"{subjects.REVISION_CHECK}.*.*",
            f"{subjects.PUBLIC}.repo.*.commit.detected",
            f"{subjects.PUBLIC}.repo.*.pull-request.changed",
        ),
        request=(
            *(f"{subjects.RPC_REPO}.*.{verb}" for verb in ("merge", "affected", "generate-manifests")),
            f"{subjects.RPC_REPO}.*.fetch-manifests",
            f"{subjects.RPC_CONTROLLER}.*.foresee",
        ),
        read_buckets=(SOURCES_BUCKET,),
    ),
    Grant(service=READER, read_streams=(EVENTS.name,)),
)


def grant_of(service: str) -> Grant:
    """The grant of a service by its name."""
    return next(grant for grant in GRANTS if grant.service == service)


def bucket_of(name: str) -> Bucket:
    """The bucket of that name."""
    return next(bucket for bucket in BUCKETS if bucket.name == name)


def stream_of(name: str) -> Stream:
    """The stream of that name."""
    return next(stream for stream in STREAMS if stream.name == name)


def buckets_of(grant: Grant) -> tuple[Bucket, ...]:
    """The buckets that a service owns, reads or writes."""
    named = {*grant.read_buckets, *grant.write_buckets}
    return tuple(bucket for bucket in BUCKETS if bucket.name in named or bucket.owner == grant.service)


def streams_of(grant: Grant) -> tuple[Stream, ...]:
    """The streams that a service owns, consumes or publishes to."""
    consumed = {*grant.consume, *(consumer.stream for consumer in grant.use)}
    return tuple(
        stream
        for stream in STREAMS
        if stream.owner == grant.service or stream.name in consumed or _publishes(grant, stream)
    )


def retired_of(grant: Grant) -> tuple[str, ...]:
    """The streams of earlier versions that a service is to remove."""
    return RETIRED if grant.service == CONTROLLER else ()


def _publishes(grant: Grant, stream: Stream) -> bool:
    return any(
        subject.startswith(held.rstrip(".*>")) for subject in grant.publish for held in stream.subjects
    )
