"""Rows of `notification.NotificationService`."""

from fairlead.api_server.methods.method import Method

ROWS: tuple[Method, ...] = ()
