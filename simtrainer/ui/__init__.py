"""The only place with a window, a socket, a wall clock or a printed line; nothing else reads it.

`cli` is the command line. `settings` says where files are and what is in force, `log` writes the log of one command,
and `probe` finds out in child processes what the machine can do.
"""
