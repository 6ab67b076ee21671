"""`nemolint hook`: checks the commands that coding assistants are about to run, and their answers."""
