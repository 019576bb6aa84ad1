"""A stand-in TIDAL on 127.0.0.1 with music of its own, for the demo and the tests."""
