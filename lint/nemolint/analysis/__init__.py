"""Analyses that several rules share: placeholders, effective profiles, quoting, earlier dry runs, answers."""
