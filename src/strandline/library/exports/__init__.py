"""Writers of the files that DJ programs read: bytes from plain records, and nothing else.

Each gives the same bytes for the same records; ``cannot_hold`` tells what a format has no form for.
"""
