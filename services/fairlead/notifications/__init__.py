"""The notifications service: tells people what became of their Applications.

A folder a stage: `following` (Applications, projects, the configuration, public events) → `delivering` (who
is to be told what, the sending, and the memory of it). What is configured, decided, composed and sent is a
library, which the command uses too. Invariant: it changes nothing of an Application but the annotation that
remembers what was sent.
"""
