"""What launchers and schedulers do with the words that they are given: which of them a shell will read as text."""

from __future__ import annotations

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Scope = Literal["child", "remote", "same"]


class Launcher(NamedTuple):
    """How a command hands shell text to a shell that it starts.

    `options`: those whose value is such text. `valued`: its other options with a value. `operands`: `joined` by blanks
    into one text, `skip` of them left out; `each` one with blanks is a text; or none of them. `behind`: they begin
    behind the word `--`. `scope`: `child`: the shell sees what is exported here; `remote`: it has an environment of
    its own; `same`: it is this very shell.
    """

    operands: Literal["", "joined", "each"] = ""
    options: tuple[str, ...] = ()
    valued: frozenset[str] = frozenset()
    skip: int = 0
    scope: Scope = "child"
    behind: bool = False


ENVIRONMENT_OPTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("apptainer", "flux", "kubectl", "oc", "singularity", "sky"), ("--env",)),
    **dict.fromkeys(("docker", "docker-compose", "enroot", "nerdctl", "podman"), ("-e", "--env")),
    **dict.fromkeys(("salloc", "sbatch", "srun"), ("--export",)),
    "qsub": ("-v",),
    "runai": ("-e", "--environment"),
    "systemd-run": ("-E", "--setenv"),
    "tmux": ("-e",),
}
"""The options of launchers whose value, `NAME=value`, is a variable of what they start."""
SEVERAL_VARIABLES = frozenset({"apptainer", "qsub", "salloc", "sbatch", "singularity", "srun"})
"""Those that take several variables, with commas between them."""
PYTHON = lazily(r"python[\d.]*")
_DISTRIBUTED = frozenset({"-w", "-x", "-g", "-R", "-l", "-t", "-u", "-f", "-h", "-H", "-p", "-o", "-e", "-n", "-m"})
_SSH_VALUED = frozenset(f"-{letter}" for letter in "bcDEeFIiJLlmOopQRSWw")
LAUNCHERS: dict[str, Launcher] = {
    "ansible": Launcher(options=("-a", "--args"), scope="remote"),
    "arena": Launcher("each", scope="remote"),
    "argo": Launcher(scope="remote"),
    "asciinema": Launcher(options=("-c", "--command")),
    "autossh": Launcher("joined", valued=frozenset({"-M", *_SSH_VALUED}), skip=1, scope="remote"),
    "aws": Launcher(scope="remote"),
    "az": Launcher("joined", scope="remote", behind=True),
    "bolt": Launcher("each", scope="remote"),
    "brev": Launcher("each", scope="remote"),
    "bsub": Launcher(
        "joined",
        valued=frozenset(
            {"-G", "-J", "-L", "-M", "-P", "-R", "-W", "-a", "-app", "-cwd", "-e", "-env", "-eo", "-gpu", "-i", "-m"}
            | {"-n", "-o", "-oo", "-q", "-sla", "-sp", "-w", "-x"}
        ),
    ),
    "byobu": Launcher("each"),
    "capsh": Launcher(options=("-c",)),
    "clearml-task": Launcher(scope="remote"),
    "clush": Launcher("joined", valued=_DISTRIBUTED, scope="remote"),
    "cmd": Launcher(options=("/c", "/C", "/k", "/K")),
    "cmd.exe": Launcher(options=("/c", "/C", "/k", "/K")),
    "concurrently": Launcher("each"),
    "condor_run": Launcher("each"),
    "consul": Launcher("each", scope="remote"),
    "cronitor": Launcher("each"),
    "databricks": Launcher(scope="remote"),
    "det": Launcher("each", scope="remote"),
    "devbox": Launcher("each"),
    "display-popup": Launcher("each"),
    "docker": Launcher(scope="remote"),
    "docker-compose": Launcher(scope="remote"),
    "dsh": Launcher("joined", valued=_DISTRIBUTED - {"-e"}, scope="remote"),
    "dvc": Launcher("each"),
    "earthly": Launcher(scope="remote"),
    "entr": Launcher(options=("-s",)),
    "env": Launcher(options=("-S", "--split-string")),
    "et": Launcher(options=("-c", "--command"), scope="remote"),
    "eval": Launcher("joined", scope="same"),
    "fab": Launcher("joined", scope="remote", behind=True),
    "flock": Launcher(options=("-c", "--command")),
    "fly": Launcher(options=("-C",), scope="remote"),
    "flyctl": Launcher(options=("-C",), scope="remote"),
    "gcloud": Launcher("joined", scope="remote", behind=True),
    "gh": Launcher("joined", scope="remote", behind=True),
    "git": Launcher(options=("-x", "--exec")),
    "gmake": Launcher(),
    "guild": Launcher(),
    "hatch": Launcher("each"),
    "helm": Launcher(scope="remote"),
    "heroku": Launcher("each", scope="remote"),
    "hyperfine": Launcher("each"),
    "if-shell": Launcher("each"),  # a command of tmux, as others below
    "incus": Launcher(scope="remote"),
    "just": Launcher(),
    "kubectl": Launcher(scope="remote"),
    "lxc": Launcher(scope="remote"),
    "make": Launcher(),
    "mise": Launcher(options=("-c", "--command")),
    "mlflow": Launcher(scope="remote"),
    "modal": Launcher(options=("-c", "--cmd"), scope="remote"),
    "mpssh": Launcher("each", scope="remote"),
    "nerdctl": Launcher(scope="remote"),
    "ngc": Launcher(options=("-c",), scope="remote"),
    "nix-shell": Launcher(options=("--run",)),
    "new-session": Launcher("each"),
    "new-window": Launcher("each"),
    "nodemon": Launcher(options=("--exec", "-x")),
    "nomad": Launcher(scope="remote"),
    "npm": Launcher(options=("-c", "--call")),
    "npx": Launcher(options=("-c", "--call")),
    "nu": Launcher(options=("-c", "--commands")),
    "oarsub": Launcher("joined", valued=frozenset({"-l", "-p", "-q", "-t", "-n", "-O", "-E", "-d", "-r", "--name"})),
    "oc": Launcher(scope="remote"),
    "parallel": Launcher("each"),
    "parallel-ssh": Launcher("joined", valued=_DISTRIBUTED, scope="remote"),
    "pee": Launcher("each"),
    "pdsh": Launcher("joined", valued=_DISTRIBUTED, scope="remote"),
    "pixi": Launcher("each"),
    "pm2": Launcher("each"),
    "podman": Launcher(scope="remote"),
    "powershell": Launcher(options=("-c", "-Command", "-command")),
    "powershell.exe": Launcher(options=("-c", "-Command", "-command")),
    "prefect": Launcher(scope="remote"),
    "pssh": Launcher("joined", valued=_DISTRIBUTED, scope="remote"),
    "pueue": Launcher("each"),
    "pwsh": Launcher(options=("-c", "-Command", "-command")),
    "qsub": Launcher("each"),
    "ray": Launcher("each", scope="remote"),
    "retry": Launcher("each"),
    "run-shell": Launcher("each"),
    "runpodctl": Launcher(options=("--args",), scope="remote"),
    "runuser": Launcher(options=("-c", "--command", "--session-command"), scope="remote"),
    "salt": Launcher("each", scope="remote"),
    "salloc": Launcher(options=("--wrap",)),
    "sbatch": Launcher(options=("--wrap",)),
    "scl": Launcher("each"),
    "screen": Launcher("each"),
    "script": Launcher(options=("-c", "--command")),
    "sg": Launcher(options=("-c",)),
    "sky": Launcher("each", scope="remote"),
    "sops": Launcher("each"),
    "split-window": Launcher("each"),
    "srun": Launcher(options=("--wrap",)),
    "ssh": Launcher("joined", valued=_SSH_VALUED, skip=1, scope="remote"),
    "su": Launcher(options=("-c", "--command", "--session-command"), scope="remote"),
    "task": Launcher(),
    "termtosvg": Launcher(options=("-c", "--command")),
    "tkn": Launcher(scope="remote"),
    "tmux": Launcher("each"),
    "vagrant": Launcher("joined", options=("-c", "--command"), scope="remote", behind=True),
    "vastai": Launcher("each", scope="remote"),
    "watch": Launcher("joined", valued=frozenset({"-n", "-q"})),
    "wandb": Launcher(options=("-E", "--entry-point"), scope="remote"),
    "watchexec": Launcher("each"),
    "watchfiles": Launcher("each"),
    "xdsh": Launcher("joined", skip=1, scope="remote"),
    "xonsh": Launcher(options=("-c",)),
    "xterm": Launcher("each"),
    "zellij": Launcher("each"),
}
# Options that take shell text wherever a job launcher has them.
TEXT_OPTIONS = frozenset(
    {
        "--cmd",
        "--command",
        "--command-line",
        "--commandline",
        "--container-args",
        "--container-command",
        "--entry-point",
        "--exec-command",
    }
    | {"--job-command", "--onstart-cmd", "--remote-command", "--run-command", "--script", "--script-text", "--scripts"}
    | {"--startup-command", "--startup-script", "--user-data", "--wrap"}
)
# Commands that run a script that they are given by name, or on their standard input.
SUBMITTERS = frozenset({"at", "batch", "bsub", "msub", "oarsub", "pjsub", "qsub", "sbatch", "simple_gpu_scheduler"})
# Options of launchers in front of a file with a command on each line, which may begin with the ranks that it is for.
COMMAND_FILES: dict[str, frozenset[str]] = {
    "crontab": frozenset(),
    "disBatch": frozenset(),  # the operand
    "dsq": frozenset({"--job-file"}),
    "dSQ": frozenset({"--job-file"}),
    "mpiexec": frozenset({"--app", "-app", "-configfile"}),
    "mpirun": frozenset({"--app", "-app", "-configfile"}),
    "parallel": frozenset({"-a", "--arg-file", "::::"}),
    "srun": frozenset({"--multi-prog"}),
}
# Options whose value describes something, and programs that show what they are given.
DESCRIBING = frozenset(
    {"-J", "-m", "-t", "--annotation", "--body", "--comment", "--desc", "--description", "--display-name", "--job-name"}
    | {"--label", "--message", "--msg", "--name", "--note", "--notes", "--subject", "--tag", "--tags", "--title"}
)
SHOWS = lazily(
    r"(?i)(?:\w+[_.-])?(?:log(?:[_-]?\w+)?|info|warn(?:ing)?|err(?:or)?|debug|fatal|die|echo|c?print\w*|say|note|notice"
    r"|notify\w*|msg|message|usage|title|header|heading|banner|announce|comment|trace|success|fail(?:ed|ure)?|colou?r"
    r"|green|red|yellow|blue|bold)"
    r"|describe|it|assert\w*|section|skip|ok|pass|abort"
    r"|apprise|boxes|cowsay|dialog|figlet|gum|kdialog|ntfy|slack\w*|telegram-send|toilet|whiptail|yad|zenity"
)
# Programs that only move, show or check the files that they get.
HANDLES_FILES = frozenset(
    {"aws", "base64", "bat", "batcat", "chgrp", "chmod", "chown", "clip", "clip.exe", "code", "cp", "dd", "dos2unix"}
    | {
        "emacs",
        "file",
        "glow",
        "gsutil",
        "gzip",
        "highlight",
        "install",
        "ln",
        "lolcat",
        "md5sum",
        "mdcat",
        "mv",
        "nano",
    }
    | {"nemolint", "nl", "openssl", "pandoc", "pbcopy", "pygmentize", "realpath", "rm", "rsync", "scp", "sha256sum"}
    | {
        "shellcheck",
        "shfmt",
        "shred",
        "sponge",
        "stat",
        "sync",
        "tar",
        "touch",
        "truncate",
        "vi",
        "vim",
        "wc",
        "wl-copy",
    }
    | {"xclip", "xsel", "zip"}
)
# Programs in languages of their own, and what starts another program in one of them.
INTERPRETERS = frozenset(
    {"awk", "expect", "gawk", "lua", "mawk", "nawk", "node", "osascript", "perl", "php", "ruby", "tclsh"}
)
STARTS = lazily(r"\b(?:system|exec\w*|spawn\w*|popen|qx|getline|send|do (?:shell )?script)\b|`")
