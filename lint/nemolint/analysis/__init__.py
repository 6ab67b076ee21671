"""What several rules ask, answered once: placeholders, profiles in force, quoting, earlier dry runs, answers."""
