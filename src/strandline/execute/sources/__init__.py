"""Where audio comes from: TIDAL, or an external downloader."""
