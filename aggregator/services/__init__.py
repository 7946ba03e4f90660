"""Use cases, shared by every way in: the command line today, the web later."""
