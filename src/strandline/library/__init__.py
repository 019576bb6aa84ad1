"""The disk: reading it, and the one module that changes it."""
