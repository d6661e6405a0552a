"""What a rendered or live Kubernetes object is called, whose it is, and whether two texts of it are equal.

Invariant: nothing in here reads anything but its arguments.
"""
