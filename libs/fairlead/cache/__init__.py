"""Redis, the shared memory: every value can be lost at any moment and nothing is lost with it.

The invariant: a value that is not exactly what one of us wrote under that key is a miss. So poisoning,
truncation, swapping and a flush all cost the same: doing the work again.
"""

from fairlead.cache.client import Cache, CacheConfig
from fairlead.cache.keys import Key
from fairlead.cache.single_flight import SingleFlight

__all__ = ["Cache", "CacheConfig", "Key", "SingleFlight"]
