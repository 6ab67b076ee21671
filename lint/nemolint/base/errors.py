"""What a user can cause and mend."""

from __future__ import annotations


class UserError(Exception):
    """Something that the user gave cannot be used. The message says what and where; the command exits with 2."""
