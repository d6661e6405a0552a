"""Single sign-on: the provider of `oidc.config` or the bundled Dex, as the settings name it now.

The invariant: a change of the settings is in force with the next call; what was kept of the provider before
is kept no longer.
"""
