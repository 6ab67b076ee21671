"""The rule `missing-source-tier`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Document, Finding, answers, bad, callouts, good, rule

_RUN = "nemotron steps run sft/automodel -c tiny --dry-run"


@rule(
    good(f"**Repo-grounded**: manifest and config were read.\n\n```bash\n{_RUN}\n```", path="a.answer.md"),
    good(f"Verified by a dry run.\n\n```bash\n{_RUN}\n```", path="a.answer.md"),
    good(f"Source tier: verified\n\n```bash\n{_RUN}\n```\n\nThe dry run succeeded.", path="a.answer.md"),
    good(f"Repo\u2011grounded \u2013 manifest and config were read.\n\n```bash\n{_RUN}\n```", path="a.answer.md"),
    good(f"Blockiert: Es fehlt das Profil. Lokal geht:\n\n```bash\n{_RUN}\n```", path="a.answer.md"),
    good(f"```bash\n{_RUN}\n```\n\nThis is reference-grounded.", path="a.answer.md"),
    good(f"The remote command is blocked: there is no env TOML. Here:\n\n```bash\n{_RUN}\n```", path="a.answer.md"),
    good(f"```bash\n{_RUN}\n```", path="a.answer.md", prompt="Only the command, please."),
    good("Use `peft/automodel`; it takes chat JSONL as it is.", path="a.answer.md"),
    good("The command is `nemotron steps run`.", path="a.answer.md"),
    bad(
        f"""
        Here it is, not verified:

        ```bash
        {_RUN}
                           ^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="warning",
        message="Repo-grounded",
    ),
    bad(
        f"""
        Nothing is blocked, and I verified nothing.

        ```bash
        {_RUN}
                           ^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
    ),
    bad(
        """
        ```bash
        nemotron steps run <step_id> -c <config>
                           ^^^^^^^^^
        ```
        """,
        path="a.answer.md",
    ),
    bad(
        f"""
        ```bash
        {_RUN}
                           ^^^^^^^^^^^^^
        ```
        """,
        path="page.md",
    ),
    bad(
        f"""
        Verified. Start with a dry run:

        ```bash
        {_RUN}
                           ^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        message="Verified",
    ),
    bad(
        f"""
        Endesha amri hii kwanza kwa ajili ya jaribio, kisha angalia usanidi wote ulioandikwa kwenye skrini:

        ```bash
        {_RUN}
                           ^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="info",
    ),
    group="callouts",
    severity="warning",
    answers_only=True,
    about="run",
)
def missing_source_tier(document: Document) -> Iterator[Finding]:
    """Say how far a command was checked: Verified, Repo-grounded, Reference-grounded or Blocked.

    Verified: manifest, config and profile were read and a dry run succeeded; it counts if the answer shows what that
    dry run gave. Repo-grounded: they were read. Reference-grounded: only the bundled references were read. Blocked:
    something that is needed is missing. The command itself does not show this. No tier is needed in an answer without
    a command, or in one that gives only the command because that is all the question asks for. In a language that
    nemolint does not read this is info.
    """
    runs = callouts.command_runs(document)
    if not runs or answers.stated_tiers(document) or answers.answers_with_command(document):
        return
    if answers.claims_verified(document):
        message = (
            "the answer calls this Verified, but shows no result of a dry run: show it, or mark the answer "
            "Repo-grounded, Reference-grounded or Blocked"
        )
    else:
        message = (
            "the answer does not say how far this was checked: mark it Verified, Repo-grounded, Reference-grounded "
            "or Blocked"
        )
    yield Finding(callouts.place_of(runs[0]), message, severity=callouts.doubtful(document))
