"""The repository's credentials for a plugin whose configuration asks for them with `provideGitCreds`.

Invariant: only what can be told to Git by variables alone is handed over, for this repository's address
alone; of what cannot be, it is said aloud that it is not.
"""

from collections.abc import Mapping

from fairlead.git.credentials import Credential


def handed_over(credential: Credential, url: str, warnings: list[str]) -> Mapping[str, str]:
    """Variables with which `git` of the sidecar reads the repository."""
    if not credential.header():
        if not credential.is_empty:
            warnings.append(
                f"the plugin asks for the credentials of {url}; they cannot be handed over as variables, "
                "only user and password or a bearer token can"
            )
        return {}
    settings = [(f"http.{url}.extraHeader", f"Authorization: {credential.header()}")]
    if credential.insecure:
        settings.append((f"http.{url}.sslVerify", "false"))
    variables = {"GIT_CONFIG_COUNT": str(len(settings)), "GIT_TERMINAL_PROMPT": "0"}
    for number, (name, value) in enumerate(settings):
        variables[f"GIT_CONFIG_KEY_{number}"] = name
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables
