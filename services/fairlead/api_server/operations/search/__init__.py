"""Searching applications: a page of them, counts by facet, and a window that is kept up to date.

asked.py      what can be asked
visible.py    the set a caller may see
chosen.py     the set a question means
counted.py    how many have each value
row.py        an application as lists show it
page.py       one page
window.py     a page that is followed
held.py       what was shown last, for those who come back
"""
