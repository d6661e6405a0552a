"""What every test may ask for: the real servers, started once, when first asked for."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.servers", "tests.deadlines", "tests.together"]

# Nothing is timed in a test: a machine with other work on it is no reason to fail.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
