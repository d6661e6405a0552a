"""What processes tell each other: which thing changed, never what it now is.

Every event names its subject of change; the consumer reads the truth again from Git or Kubernetes.
That makes duplicates, reordering, loss and forgery harmless. One module per topic; `subjects` is the
only place a NATS subject is spelled.
"""

from fairlead.events.after_build import AfterBuild, Lent
from fairlead.events.capabilities import Capabilities
from fairlead.events.cause import Cause
from fairlead.events.credentials import CredentialsListed, RepositoryCredentials
from fairlead.events.envelope import Event, SchemaError, decode, encode
from fairlead.events.look import Look
from fairlead.events.manifests_rendered import ManifestsRendered, RenderFailure
from fairlead.events.member_beat import MemberBeat
from fairlead.events.public import CloudEvent, PublicEventType
from fairlead.events.render_requested import RenderLevel, RenderRequested
from fairlead.events.render_settings import RenderSettings
from fairlead.events.revision_check import RevisionCheck
from fairlead.events.revision_moved import RevisionMoved
from fairlead.events.sources import RepositorySource, SignaturesDemanded, SourcesWanted
from fairlead.events.trace import Trace

__all__ = [
    "AfterBuild",
    "Capabilities",
    "Cause",
    "CloudEvent",
    "CredentialsListed",
    "Event",
    "Lent",
    "Look",
    "ManifestsRendered",
    "MemberBeat",
    "PublicEventType",
    "RenderFailure",
    "RenderLevel",
    "RenderRequested",
    "RenderSettings",
    "RepositoryCredentials",
    "RepositorySource",
    "RevisionCheck",
    "RevisionMoved",
    "SchemaError",
    "SignaturesDemanded",
    "SourcesWanted",
    "Trace",
    "decode",
    "encode",
]
