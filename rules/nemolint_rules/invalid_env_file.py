"""The rule `invalid-env-file`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import EnvFile, Finding, bad, good, rule


@rule(
    good('[a]\nexecutor = "slurm"\nnodes = 2\n\n[b]\nextends = "a"\n', path="env.toml"),
    good('[wandb]\nproject = "x"\n\n[a]\nexecutor = "${oc.env:EXECUTOR,slurm}"\n', path="env.site.toml"),
    bad(
        """
        [a]
        executor = slurm
                   ^^^^^
        """,
        path="env.toml",
        severity="error",
    ),
    bad(
        """
        [a]
        extends = "b"
                  ^^^
        """,
        path="env.slurm.toml",
        message="unknown profile",
    ),
    bad(
        """
        [a]
        extends = "b"
                  ^^^

        [b]
        extends = "a"
                  ^^^
        """,
        path="env.toml",
        message="extends itself",
    ),
    bad(
        """
        [a]
        executor = "kubernetes"
                   ^^^^^^^^^^^^
        """,
        path="env.toml",
        message="kubernetes",
    ),
    group="profiles",
    supersedes=("unreadable-file",),
    reports="broken-env-file",
    shared_place=True,
)
def invalid_env_file(env: EnvFile) -> Iterator[Finding]:
    """Keep the env TOML valid.

    The CLI reads the whole file for every run with a profile: a TOML error, an `extends` that names a missing table or
    forms a cycle, or an executor other than `local`, `slurm`, `lepton` and `dgxcloud` stops the run. Values taken from
    the environment (`${oc.env:NAME,default}`) are not checked.
    """
    for problem in env.problems:
        yield Finding(problem.place, problem.message, end=problem.end)
