"""Notifications as people configure them: what is read, what is judged, what is said, and how it is sent.

Why a library: the service that sends them and the command that tries them out have to come to the same words.
Invariant: nothing here watches, keeps or marks anything; what asks the world is handed in.
"""
