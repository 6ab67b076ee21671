"""The rule `unnamed-auth-variable`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Document, Finding, Project, answers, bad, callouts, good, or_list, rule

_VALUES = "input_path=/in output_dir=/out source_language=en target_language=hi server.model=m"
_RUN = f"nemotron steps run translate/nemo_curator {_VALUES} --dry-run"
_EVAL = "nemotron steps run eval/model_eval --dry-run"


@rule(
    good(f"Repo-grounded.\n\n```bash\n{_RUN}\n```\n\nExport `NVIDIA_API_KEY` first.", path="a.answer.md"),
    good(f"```bash\n{_RUN} server.api_key_env=TEAM_API_KEY\n```", path="a.answer.md"),
    good(f"Set `GOOGLE_APPLICATION_CREDENTIALS`.\n\n```bash\n{_RUN} backend=google\n```", path="a.answer.md"),
    good(f"```bash\n{_RUN}\n```", path="a.answer.md", prompt="I only need the command, not a plan."),
    good(f"```bash\n{_RUN} server.url=http://localhost:8000/v1\n```", path="a.answer.md"),
    good(f"```bash\n{_RUN} backend=nmt faith_eval.enabled=false\n```", path="a.answer.md"),
    good(f"```bash\n{_RUN} server.api_key_env=$NAME\n```", path="a.answer.md"),
    good(f"```bash\n{_EVAL} -c default deployment.checkpoint_path=/c/iter_0000100\n```", path="a.answer.md"),
    good("```bash\nnemotron steps run sft/automodel -c tiny --dry-run\n```", path="a.answer.md"),
    good("Use `translate/nemo_curator`, not `byob/mcq`: run it with `nemotron steps run`.", path="a.answer.md"),
    good(
        f"Keys: see [the setup page](docs/keys.md#nvidia).\n\n```bash\n{_RUN}\n```",
        path="a.answer.md",
        files={"docs/keys.md": "Export `NVIDIA_API_KEY` in your shell.\n"},
    ),
    bad(
        f"""
        Repo-grounded. Export your API key first.

        ```bash
        {_RUN}
                           ^^^^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="error",
        message="`NVIDIA_API_KEY`",
    ),
    bad(
        f"""
        Log in to the hub with `HF_TOKEN`.

        ```bash
        {_EVAL} -c tiny_chat
                           ^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
    ),
    bad(
        f"""
        The endpoint needs a key: export `OPENAI_API_KEY` in your shell.

        ```bash
        {_RUN}
                           ^^^^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="error",
        message="`NVIDIA_API_KEY`",
    ),
    bad(
        """
        I still need the path of the benchmark.

        ```bash
        nemotron steps run byob/mcq -c translate --dry-run 'output_dir=<benchmark>'
                           ^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="info",
    ),
    bad(
        f"""
        ```bash
        {_RUN}
                           ^^^^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="page.md",
    ),
    group="callouts",
    answers_only=True,
    about="run",
)
def unnamed_auth_variable(document: Document, project: Project) -> Iterator[Finding]:
    """Name the variable that holds the key of a hosted service.

    A step that calls a hosted model reads its key from an environment variable, `NVIDIA_API_KEY` unless a key such as
    `server.api_key_env` names another. Readers who don't know the name find out from a failed job, or write the key
    itself into the command. The command may name it, or the text around it, or a page that the text links to.

    The name of another variable does not count, except for those of a cloud's own credentials. An answer that gives
    only the command because that is all the question asks for is not reported. A command that still waits for values
    is info, and so is an answer to a question in a language that nemolint does not read.
    """
    if answers.answers_with_command(document):
        return
    for run in callouts.command_runs(document):
        wanted = callouts.auth_variables(run, project)
        if wanted is None or callouts.named_auth_variables(document, project, wanted):
            continue
        step = run.step.value if run.step is not None else "the step"
        name = f" ({or_list(sorted(wanted))})" if wanted else ""
        yield Finding(
            callouts.place_of(run),
            f"`{step}` calls a hosted service: name the variable that holds its key{name}, never the key itself",
            severity="info" if callouts.is_unfinished(run) else callouts.doubtful(document, says=False),
        )
        return
