"""Errors that a user can cause and fix."""

from __future__ import annotations


class UserError(Exception):
    """Something that the user gave is unusable. The message says what and where; the command exits with 2."""
