"""Tags: read, written, copied from file to file."""
