"""The cache: results of earlier checks.

Two kinds of files, in a folder of this version under the platform's cache folder (`store.py`):

- `*.run` (`replay.py`): a whole invocation: its output, its exit code, and the signatures of everything that it
  depended on. If nothing changed, the output is printed again, and nothing else is imported.
- `*.json` (`entries.py`): the findings of each file under one set of settings. If a few files changed, only they are
  read again.

Both hold plain data, secrets masked, under a keyed digest. A file of another version, a broken or forged one, or a
folder that cannot be written or is open to others only costs the time that it would have saved.
"""
