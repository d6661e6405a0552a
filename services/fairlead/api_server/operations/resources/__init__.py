"""The objects of all applications: a page of them, with counts by facet.

asked.py   what can be asked
page.py    one page
judged.py  has the health of objects found out that statuses do not tell
"""
