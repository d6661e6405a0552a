"""What argocd-cmd-params-cm says to the api-server about who asks; read at its start (contract 11.2)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from fairlead.settings.parameters import CONFIG_MAP
from fairlead.settings.reading import Reader

DEX_SERVER = "argocd-dex-server:5556"


class ServerParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Where Dex is and whether its certificate counts; below which path the API is served, and to browsers at
    which, compressed or not; whether its calls are described on a page, and extensions passed requests;
    whether everybody may do everything; where the web UI is, and what its pages are
    allowed, None when nothing is said of it."""

    dex_server: str = f"https://{DEX_SERVER}"
    is_dex_strict: bool = False
    root: str = ""
    base: str = ""
    is_compressed: bool = True
    has_swagger_page: bool = True
    has_proxy_extensions: bool = False
    is_authentication_disabled: bool = False
    static_assets: str = ""
    frame_options: str | None = None
    content_policy: str | None = None


def server_parameters(data: Mapping[str, str]) -> ServerParameters:
    """Read the `data` of argocd-cmd-params-cm. Authentication is off for exactly `true`."""
    read = Reader(CONFIG_MAP, data)
    return ServerParameters(
        dex_server=_address(
            read.text("server.dex.server", DEX_SERVER), is_plain=read.switch("server.dex.server.plaintext")
        ),
        is_dex_strict=read.switch("server.dex.server.strict.tls"),
        root=read.text("server.rootpath", ""),
        base=read.text("server.basehref", ""),
        is_compressed=read.text("server.enable.gzip", "true") != "false",
        has_swagger_page=not read.switch("server.disable.swagger.ui"),
        has_proxy_extensions=read.switch("server.enable.proxy.extension"),
        is_authentication_disabled=read.switch("server.disable.auth"),
        static_assets=read.text("server.staticassets", ""),
        frame_options=data.get("server.x.frame.options"),
        content_policy=data.get("server.content.security.policy"),
    )


def _address(text: str, *, is_plain: bool) -> str:
    """An address with its scheme; without one it is spoken to over TLS, unless that is switched off."""
    return text.rstrip("/") if "://" in text else f"{'http' if is_plain else 'https'}://{text}"
