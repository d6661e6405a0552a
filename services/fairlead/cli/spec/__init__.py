"""Flags that describe an application, and what they do to its document.

The invariant: only what a flag names is changed; fields unknown to this program stay as they are.
"""
