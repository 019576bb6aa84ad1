"""Which track of the playlists a person's own file is; pure, and never by likeness alone."""
