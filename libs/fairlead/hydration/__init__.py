"""What is written where hydrated manifests go, and how it is told which of it is other than what is there.

Invariant: pure. Equal manifests of equal dry commits are equal bytes, and a folder whose manifests are what
they were is left as it is.
"""
