"""People whom an identity provider knows: its tokens verified, and the way there and back (OpenID Connect).

    config.py     what `oidc.config` and `dex.config` say
    fetch.py      what is needed from the network
    provider.py   the provider's own description and keys
    verify.py     whether a token is one of the provider's, made for us
    flow.py       the code flow with PKCE
    user_info.py  the groups of a person, where the provider has to be asked

The invariant: claims are read only of a token whose signature, issuer, audience and time hold.
"""
