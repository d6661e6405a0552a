"""A request's fields, however they came, as the struct that its row asks for."""

from typing import Any, TypeVar

import msgspec

from fairlead.api_server.operations.refusal import Code, RefusalError

R = TypeVar("R", bound=msgspec.Struct)


def asked(fields: dict[str, Any], kind: type[R]) -> R:
    """The typed request. Raises INVALID_ARGUMENT when the fields are not those of one."""
    try:
        return msgspec.convert(fields, kind, strict=False)
    except msgspec.ValidationError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the request cannot be read: {error}") from None
