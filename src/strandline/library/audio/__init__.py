"""Audio: probed, checked, encoded, remuxed, fingerprinted."""
