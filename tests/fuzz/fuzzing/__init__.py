"""Feeds every reader of files, and the command line, with valid inputs that were damaged at random."""
