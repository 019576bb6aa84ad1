"""What is done for each kind of action: apply it, inspect it after a kill, invert it."""
