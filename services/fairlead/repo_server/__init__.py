"""The repo-server: mirrors repositories, notices commits, renders what they affect.

A folder a stage: `remotes` (mirrors, who wants what and follows what) → `rendering` → `answering` (what is
told and stood behind); `watching` sees what moved, whom that affects, and which of us looks where. The story
begins in `watching.check` and goes by `watching.advance` and `answering.respond` to `rendering.render`.

The invariant: every request for manifests ends in an answer, and the work is proportional to the change.
"""
