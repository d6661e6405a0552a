"""Repository service and credential templates: one module per thing people do with them.

The invariant: of credentials only the user name is ever answered.
"""
