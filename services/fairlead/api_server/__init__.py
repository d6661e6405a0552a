"""The door: REST, sessions and webhooks. It asks and records; it never renders and never applies.

The stage list: `rest` reads a request, `operations` do what was asked, `webhook` turns a push into an event,
`mirror` keeps what the control plane's namespace holds at hand. `wiring` is the only place they meet.
"""
