"""What earlier checks found, so that it need not be found again.

Two kinds of files, in a folder of this version under the platform's cache folder (`place.py`):

- `*.run` (`replay.py`): a whole invocation: what it printed, its exit code, and the signature of all that it depended
  on. Where nothing changed it is printed again, and nothing else is imported.
- `*.json` (`entries.py`): the findings of each file under one set of settings. Where a few files changed, only they are
  read again.

Both hold plain data, secrets masked, under a keyed digest. A file of another version, a broken or forged one, or a
folder that cannot be written or is not the user's alone only cost the time that they would have saved.
"""
