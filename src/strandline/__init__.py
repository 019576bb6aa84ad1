"""strandline keeps a music collection on disk equal to a person's TIDAL playlists."""

__version__ = "0.1.0"
