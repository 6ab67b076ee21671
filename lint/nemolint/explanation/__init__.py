"""What a command will do: the facts of one run, the pipeline of several, and how people and programs get them.

`run_facts`, `config_changes` and `pipeline` make JSON-ready data, whose secrets the caller masks; `run_text` and
`mermaid` show such data, and nothing else.
"""
