"""The web UI in a browser: the list over many played Applications, and real ones with a large tree."""
