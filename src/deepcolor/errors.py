"""The one exception that a user is meant to read."""


class DeepColorError(Exception):
    """Something that the user can mend; its message says what and how. Shown without traceback."""
