"""TIDAL: login, reading playlists, reaching audio."""
