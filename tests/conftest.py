"""What every test may ask for: the real servers, started once, when first asked for."""

pytest_plugins = ["tests.servers"]
