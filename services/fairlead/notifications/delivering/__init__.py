"""From a changed application to a message that arrived: looked at, composed, brought, and then remembered."""
