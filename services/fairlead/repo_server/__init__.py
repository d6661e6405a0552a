"""The repo-server: mirrors repositories, notices commits, renders what they affect.

The story, a module a stage: `declared` (who wants what) → `poll` and `check` (did a ref move?) → `advance`
(whom does the commit affect?) → `respond` → `render` → `announce`. `answer` serves who asks and waits.

The invariant: every request for manifests ends in an answer, and the work is proportional to the change.
"""
