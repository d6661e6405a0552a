"""The cluster, over plain HTTP: one client, one live picture, one way to write.

Everything here is raw requests on one aiohttp session. Objects stay the bytes the API server sent until
somebody needs a field of them, because a cluster holds far more objects than a commit touches.
"""
