"""The Kubernetes-facing objects as typed structs: what users write, and what is written back to them.

One module per noun. The structs are the only description of the custom resources; the CRDs in
`deploy/manifests/crds` are generated from them (`python -m fairlead.model.crds`). Two conventions hold
throughout, and the generator relies on them:

* a field that is always written, even when empty, is `required` in the CRD: it has no default, or one
  that msgspec never omits (a `default_factory`);
* every other field has a plain default and is left out of the JSON while it has that value, as Go's
  `omitempty` does. `None` is the default only where absent and empty mean different things.

A required field of a *spec* still has a default, so that what a user sent half-finished decodes and can
be answered with a sentence; required fields of a *status* are ours to fill in and have none.
Lists are tuples, times are RFC 3339 text (`Time`), unknown fields are ignored.
"""
