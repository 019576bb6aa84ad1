"""Doing a plan, step by step, so that it can be cut off anywhere."""
