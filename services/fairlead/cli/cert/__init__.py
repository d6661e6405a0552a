"""Certificates and known hosts of servers that repositories are on."""
