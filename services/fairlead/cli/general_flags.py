"""The flags that every command takes: which server, how to reach it, who we are."""

from fairlead.cli.command.flags import Flag, FlagKind, many, switch, text

CONNECTION = (
    switch("core", "Read and write applications and projects in Kubernetes itself, without a server."),
    text("kube-context", "Context of the kubeconfig, for --core and --port-forward."),
    switch("port-forward", "Reach the API server's pod through Kubernetes, by the kubeconfig."),
    text(
        "port-forward-namespace", "Namespace of that pod, and --port-forward; that of the context otherwise."
    ),
    text("server-name", "What app.kubernetes.io/name of that pod is; also ARGOCD_SERVER_NAME."),
    text("server", "Address of the API server, HOST[:PORT]; also ARGOCD_SERVER."),
    text("auth-token", "Token to send; better given as ARGOCD_AUTH_TOKEN, which no process list shows."),
    switch("insecure", "Do not verify the server's certificate."),
    switch("plaintext", "Speak without TLS."),
    text("server-crt", "File with the certificate authority to trust."),
    text("client-crt", "File with the client's certificate."),
    text("client-crt-key", "File with the key of the client's certificate."),
    many("header", "Header to add to every request, 'Name: value'.", short="H", commas=True),
    text("argocd-context", "Context of the configuration to use instead of the current one."),
    text("config", "Configuration file; also the folder ARGOCD_CONFIG_DIR."),
    text("grpc-web-root-path", "Path below which the server is reached."),
    Flag(
        name="http-retry-max",
        help="How often a request that found no server is tried again.",
        kind=FlagKind.NUMBER,
        default="0",
    ),
    text("logformat", "Form of messages on stderr.", default="json", choices=("json", "text")),
    text(
        "loglevel",
        "Lowest level of messages on stderr.",
        default="info",
        choices=("debug", "info", "warn", "warning", "error", "fatal"),
    ),
    switch("prompts-enabled", "Ask before something is deleted, when a person is there.", default=True),
)

IGNORED = tuple(
    Flag(name=name, help="Accepted and without effect.", kind=kind, hidden=True)
    for name, kind in (
        ("grpc-web", FlagKind.SWITCH),
        ("redis-compress", FlagKind.TEXT),
        ("redis-name", FlagKind.TEXT),
        ("redis-haproxy-name", FlagKind.TEXT),
        ("repo-server-name", FlagKind.TEXT),
        ("controller-name", FlagKind.TEXT),
    )
)
"""Flags of the original that say how to reach parts of it; there is nothing of the kind to reach here."""

GENERAL = (*CONNECTION, *IGNORED)
