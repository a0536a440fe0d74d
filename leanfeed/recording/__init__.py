"""Recordings: what sources answered, as a folder of text that can be reviewed and committed."""
