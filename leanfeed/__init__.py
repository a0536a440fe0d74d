"""leanfeed."""
