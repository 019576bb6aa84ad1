"""The speed goals, and how to measure them: ``./dev bench [GOAL…]``."""
