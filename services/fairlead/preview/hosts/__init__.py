"""Hosts of source code as previews use them: open requests, our comment on each, the status of a commit."""
