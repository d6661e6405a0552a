"""The stock `argocd` against a running suite: what users of it meet, over gRPC and over gRPC-Web.

binary.py      which program is driven, and running it
walk.py        a walk of steps: a command line each, and what has to come of it
walks.py       the walks, as data
test_*.py      the walks, the recorded runs, the guide
"""
