"""Who did what: one record for each call that changes something, in the log and on NATS."""

from fairlead.api_server.audit.auditor import Auditor
from fairlead.api_server.audit.target import Target

__all__ = ["Auditor", "Target"]
