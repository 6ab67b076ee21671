"""The rule `invalid-env-file`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import EnvFile, Finding, bad, good, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint import Severity


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
    bad(
        """
        [a]
        executor = "slurm"
        time = 04:00:00
               ^^^^^^^^
        mounts = "/a:/b"
                 ^^^^^^^
        container_image = "${IMAGE}"
                          ^^^^^^^^^^
        """,
        path="env.toml",
        severity="warning",
    ),
    bad(
        """
        [wandb]
        since = 2026-01-01
                ^^^^^^^^^^
        """,
        path="env.toml",
        severity="error",
        message="every run",
    ),
    good(
        '[a]\nexecutor = "slurm"\nname = "${base}/${oc.env:USER}"\n\n[b]\nextends = "a"\nbase = "x"\n', path="env.toml"
    ),
    good(
        """
        Add this to `env.toml`, next to `slurm_base`:

        ```toml
        [h100]
        extends = "slurm_base"
        nodes = 2
        ```

        ```bash
        nemotron steps run sft/automodel -c tiny --dry-run --batch h100
        ```
        """,
        path="a.answer.md",
    ),
    good(
        """
        The driver's `pyproject.toml`:

        ```toml
        [tool]
        executor = "kubernetes"
        ```
        """,
        path="a.answer.md",
    ),
    bad(
        """
        Add this to `env.toml`:

        ```toml
        [h100]
        executor = "kubernetes"
                   ^^^^^^^^^^^^
        ```

        ```bash
        nemotron steps run sft/automodel -c tiny --dry-run --batch h100
        ```
        """,
        path="a.answer.md",
        severity="error",
    ),
    group="profiles",
    supersedes=("unreadable-file",),
    reports="broken-env-file",
    shared_place=True,
)
def invalid_env_file(env: EnvFile) -> Iterator[Finding]:
    """Keep the env TOML valid.

    The CLI reads the whole file for every run: a TOML error stops all of them, and so does an invalid value in `wandb`,
    `cli` or `artifacts`. Any other section stops only the runs on it, or on a profile that extends it: by an `extends`
    that names a missing table or forms a cycle, an unquoted date or time, a `${NAME}` that does not name a key, text
    where a list is expected (`mounts`), or an executor other than `local`, `slurm`, `lepton` and `dgxcloud`. If no run
    of the checked file uses the section, that is a warning. Values taken from the environment
    (`${oc.env:NAME,default}`) are not checked. Of an env TOML that an answer gives, only the values are: the rest may
    stand in the reader's file.
    """
    for problem in env.problems:
        if not problem.of_runs:
            severity: Severity | None = "warning" if problem.profile else None
            yield Finding(problem.place, problem.message, severity, end=problem.end)
