"""What a data folder holds, session by session, and why: for people who want to see it."""
