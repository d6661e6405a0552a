"""The story of one application: each commit's way into the cluster, and what happened between them.

told.py       what is told
writing.py    the story made of public events, one after the other
journal.py    drifts that no event told
read.py       the events of an application, and who made its commits
"""
