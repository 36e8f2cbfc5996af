"""Photos in, colorized photos out: reading, coloring and writing the files of `deepcolor colorize`.

Nothing is imported here, so that the command line starts without NumPy.
"""
