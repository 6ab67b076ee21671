"""The rule `unstated-export`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Document, Finding, Project, Span, StepRun, answers, bad, callouts, good, or_list, rule

_VALUES = "input_path=/in output_dir=/out source_language=en target_language=hi server.model=m"
_RUN = f"nemotron steps run translate/nemo_curator {_VALUES} --dry-run"

_MOST_ASKED = 50  # variables; nobody names more in an answer


@rule(
    good(f"```bash\n{_RUN}\n```\n\nExport `NVIDIA_API_KEY` in the shell; never inline it.", path="a.answer.md"),
    good(f"```bash\n{_RUN}\n```\n\n`NVIDIA_API_KEY` must be set before you run this.", path="a.answer.md"),
    good(f"```bash\nread -rs NVIDIA_API_KEY\n{_RUN}\n```", path="a.answer.md"),
    good(
        f"```bash\n{_RUN} server.api_key_env=NVIDIA_API_KEY\n```\n\nThe key's value is exported, never written here.",
        path="a.answer.md",
    ),
    good(f"```bash\n{_RUN}\n```\n\nIts key is read from the environment (`NVIDIA_API_KEY`).", path="a.answer.md"),
    good(f"```bash\n{_RUN} server.api_key_env=TEAM_KEY_A\n```", path="a.answer.md", prompt="Just the command, please."),
    good(f"```bash\n{_RUN}\n```", path="a.answer.md"),  # `unnamed-auth-variable` reports it
    good(
        f"`NVIDIA_API_KEY`: see [keys](keys.md).\n\n```bash\n{_RUN}\n```",
        path="a.answer.md",
        files={"keys.md": "`export NVIDIA_API_KEY=…` goes into your profile.\n"},
    ),
    bad(
        f"""
        ```bash
        {_RUN} server.api_key_env=NVIDIA_API_KEY
                                                                                                                                                                   ^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="error",
        message="`NVIDIA_API_KEY`",
    ),
    bad(
        f"""
        The step authenticates with `NVIDIA_API_KEY`. Export the results later.

        ```bash
        {_RUN}
                           ^^^^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
    ),
    bad(
        f"""
        Keys: see [keys](keys.md).

        ```bash
        {_RUN}
                           ^^^^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        files={"keys.md": "The step uses `NVIDIA_API_KEY`.\n"},
    ),
    good(f"```bash\n{_RUN}\n```\n\nLoad `NVIDIA_API_KEY` from your secret manager.", path="a.answer.md"),
    good(
        f"Repo-grounded. Der Schlüssel steht in `NVIDIA_API_KEY`; exportieren Sie ihn vorher.\n\n```bash\n{_RUN}\n```",
        path="a.answer.md",
    ),
    good(f"`NVIDIA_API_KEY` を事前に export してください。\n\n```bash\n{_RUN}\n```", path="a.answer.md"),
    bad(
        f"""
        The service authenticates with `NVIDIA_API_KEY`. Export `HF_TOKEN` for the gated model.

        ```bash
        {_RUN}
                           ^^^^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="error",
    ),
    bad(
        f"""
        Der Dienst verwendet `NVIDIA_API_KEY`, und das Modell ist frei.

        ```bash
        {_RUN}
                           ^^^^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="info",
    ),
    group="callouts",
    answers_only=True,
    about="run",
)
def unstated_export(document: Document, project: Project) -> Iterator[Finding]:
    """Say that the key of a hosted service must be exported in the environment.

    The name of a variable alone does not tell a reader where its value belongs. Say that it is exported (or set in the
    profile's `env_vars`, or comes from a secret manager) and never written into the command, a config or a commit. A
    sentence, an `export` line or a linked page is enough, if it is about this variable. In a language other than
    English any word for exporting counts, and a text that names the variable is info at most. If no variable is named
    at all, `unnamed-auth-variable` reports that instead.
    """
    if answers.answers_with_command(document):
        return
    asked: set[frozenset[str]] = set()
    for run in callouts.command_runs(document):
        wanted = callouts.auth_variables(run, project)
        if wanted is None or wanted in asked or len(asked) >= _MOST_ASKED:
            continue
        asked.add(wanted)
        names = callouts.named_auth_variables(document, project, wanted)
        if not names or len(names) > _MOST_ASKED:
            continue
        texts = callouts.said(document, project)
        readable = callouts.language(document) == "en"
        if not any(callouts.names_export(texts, name, readable=readable) for name in names):
            # What a text in another language says of a variable that it names may be just this.
            told = not readable and any(name in texts[0] for name in names)
            yield Finding(
                _named_at(run, names),
                f"say that {or_list(sorted(names))} must be exported in the environment, and that its value "
                "must never be in a command, a config or a commit",
                severity="info" if told else callouts.doubtful(document),
            )
            return


def _named_at(run: StepRun, names: frozenset[str]) -> Span:
    """The override that names the variable, else the step."""
    return next((item.value.span for item in run.overrides if item.value.text in names), callouts.place_of(run))
