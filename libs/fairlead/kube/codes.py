"""What the API server's refusals are called between our processes and to clients: the codes of gRPC.

Invariant: every error of the tree has a name; what is none of the known kinds is `Internal`.
"""

from fairlead.kube import errors as kube
from fairlead.kube.fence import ObservedError, WriteFencedError
from fairlead.kube.gate import NotPermittedError

_TITLES: tuple[tuple[type[kube.KubeError], str], ...] = (
    (kube.NotFoundError, "NotFound"),
    (kube.AlreadyExistsError, "AlreadyExists"),
    (kube.InvalidError, "InvalidArgument"),
    (kube.ConflictError, "Aborted"),
    (kube.ForbiddenError, "PermissionDenied"),
    (NotPermittedError, "PermissionDenied"),
    (kube.UnauthorizedError, "Unauthenticated"),
    (kube.BadRequestError, "FailedPrecondition"),
    (kube.RequestTimeoutError, "DeadlineExceeded"),
    (kube.TooManyRequestsError, "ResourceExhausted"),
    (kube.UnreachableError, "Unavailable"),
    (kube.UnavailableError, "Unavailable"),
    (ObservedError, "FailedPrecondition"),
    (WriteFencedError, "Unavailable"),
)


def code_title(error: kube.KubeError) -> str:
    """The code as gRPC prints it: `FailedPrecondition` (contract 14, conventions)."""
    return next((title for kind, title in _TITLES if isinstance(error, kind)), "Internal")
