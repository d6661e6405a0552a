"""One application for one page: all that is needed to draw it, as one stream that goes on.

told.py       what the stream says
picture.py    the tree as it is told, and how two of them differ
feed.py       one application followed once for all who look at it
allowance.py  how often a page is told of changes
follow.py     the stream of one page
"""
