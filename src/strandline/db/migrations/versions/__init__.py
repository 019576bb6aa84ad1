"""One file a revision. What a revision creates is frozen: later changes are new revisions."""
