"""What launchers and schedulers do with the words that they are given: which of them a shell will read as text."""

from __future__ import annotations

from typing import Literal

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily


class Launcher(NamedTuple):
    """How a command hands shell text to a shell that it starts.

    `options`: those whose value is such text. `valued`: its other options with a value. `operands`: `joined` by blanks
    into one text, `skip` of them left out; `each` one with blanks is a text; or none of them. `scope`: `child`: the
    shell sees what is exported here; `remote`: it has an environment of its own; `same`: it is this very shell.
    """

    operands: Literal["", "joined", "each"] = ""
    options: tuple[str, ...] = ()
    valued: frozenset[str] = frozenset()
    skip: int = 0
    scope: Scope = "child"


Scope = Literal["child", "remote", "same"]
PYTHON = lazily(r"python[\d.]*")
_DISTRIBUTED = frozenset({"-w", "-x", "-g", "-R", "-l", "-t", "-u", "-f", "-h", "-H", "-p", "-o", "-e", "-n", "-m"})
_SSH_VALUED = frozenset(f"-{letter}" for letter in "bcDEeFIiJLlmOopQRSWw")
LAUNCHERS: dict[str, Launcher] = {
    "ansible": Launcher(options=("-a", "--args"), scope="remote"),
    "arena": Launcher("each", scope="remote"),
    "autossh": Launcher("joined", valued=frozenset({"-M", *_SSH_VALUED}), skip=1, scope="remote"),
    "aws": Launcher(scope="remote"),
    "brev": Launcher("each", scope="remote"),
    "bsub": Launcher(
        "joined",
        valued=frozenset(
            {"-G", "-J", "-L", "-M", "-P", "-R", "-W", "-a", "-app", "-cwd", "-e", "-env", "-eo", "-gpu", "-i", "-m"}
            | {"-n", "-o", "-oo", "-q", "-sla", "-sp", "-w", "-x"}
        ),
    ),
    "clush": Launcher("joined", valued=_DISTRIBUTED, scope="remote"),
    "concurrently": Launcher("each"),
    "det": Launcher("each", scope="remote"),
    "docker": Launcher(scope="remote"),
    "dsh": Launcher("joined", valued=_DISTRIBUTED - {"-e"}, scope="remote"),
    "entr": Launcher(options=("-s",)),
    "env": Launcher(options=("-S", "--split-string")),
    "eval": Launcher("joined", scope="same"),
    "flock": Launcher(options=("-c", "--command")),
    "gcloud": Launcher(scope="remote"),
    "fly": Launcher(options=("-C",), scope="remote"),
    "heroku": Launcher("each", scope="remote"),
    "hyperfine": Launcher("each"),
    "kubectl": Launcher(scope="remote"),
    "lxc": Launcher(scope="remote"),
    "mpssh": Launcher("each", scope="remote"),
    "ngc": Launcher(options=("-c",), scope="remote"),
    "nix-shell": Launcher(options=("--run",)),
    "nodemon": Launcher(options=("--exec", "-x")),
    "oarsub": Launcher("joined", valued=frozenset({"-l", "-p", "-q", "-t", "-n", "-O", "-E", "-d", "-r", "--name"})),
    "oc": Launcher(scope="remote"),
    "parallel": Launcher("each"),
    "parallel-ssh": Launcher("joined", valued=_DISTRIBUTED, scope="remote"),
    "pdsh": Launcher("joined", valued=_DISTRIBUTED, scope="remote"),
    "podman": Launcher(scope="remote"),
    "pssh": Launcher("joined", valued=_DISTRIBUTED, scope="remote"),
    "qsub": Launcher("each"),
    "ray": Launcher("each", scope="remote"),
    "runuser": Launcher(options=("-c", "--command", "--session-command"), scope="remote"),
    "salt": Launcher("each", scope="remote"),
    "salloc": Launcher(options=("--wrap",)),
    "sbatch": Launcher(options=("--wrap",)),
    "screen": Launcher("each"),
    "script": Launcher(options=("-c", "--command")),
    "sg": Launcher(options=("-c",)),
    "sky": Launcher("each", scope="remote"),
    "srun": Launcher(options=("--wrap",)),
    "ssh": Launcher("joined", valued=_SSH_VALUED, skip=1, scope="remote"),
    "su": Launcher(options=("-c", "--command", "--session-command"), scope="remote"),
    "tmux": Launcher("each"),
    "vagrant": Launcher(options=("-c", "--command"), scope="remote"),
    "vastai": Launcher("each", scope="remote"),
    "watch": Launcher("joined", valued=frozenset({"-n", "-q"})),
}
# Options that take shell text wherever a job launcher has them.
TEXT_OPTIONS = frozenset(
    {"--cmd", "--command", "--command-line", "--commandline", "--container-command", "--exec-command", "--job-command"}
    | {"--remote-command", "--run-command", "--scripts", "--startup-command", "--wrap"}
)
# Commands that run a script that they are given by name, or on their standard input.
SUBMITTERS = frozenset({"at", "batch", "bsub", "msub", "oarsub", "pjsub", "qsub", "sbatch"})
# Programs in languages of their own, and what starts another program in one of them.
INTERPRETERS = frozenset({"awk", "expect", "gawk", "mawk", "nawk", "node", "perl", "php", "ruby", "tclsh"})
STARTS = lazily(r"\b(?:system|exec\w*|spawn\w*|popen|qx|getline|send)\b|`")
