"""The language server: what an editor shows of the text that is being edited. Only `server.py` knows the protocol."""
