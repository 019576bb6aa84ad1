"""The scan: what is on disk, and which folders are unchanged."""
