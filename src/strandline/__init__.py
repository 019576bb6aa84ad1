"""strandline mirrors a person's TIDAL playlists into a music collection on disk."""

__version__ = "0.1.0"
