"""The rule `inlined-secret`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from nemolint import Document, Edit, Finding, Fix, Override, Project, StepRun, bad, good, rule, secrets

# No example contains a string that looks like a credential: each is assembled here.
_NVAPI = "nvapi-" + "aB3" * 21 + "Z"
_HF = "hf_" + "aBcDeFg" * 4 + "aBcDeF"
_HEX = "0a1b2c3d4e" * 4
_PLAIN = "k7Qw" + "9zLm2X" * 3
_RUN = "nemotron steps run translate/nemo_curator"


def _under(before: str, value: str, after: str = "") -> str:
    """An example's line with carets under the value."""
    return f"{before}{value}{after}\n{' ' * len(before)}{'^' * len(value)}"


_CONFIG_PATH = "src/nemotron/steps/x/y/config/z.yaml"


@rule(
    good(f"{_RUN} server.api_key_env=NVIDIA_API_KEY"),
    good(f"export NVIDIA_API_KEY=$(cat key)\nHF_TOKEN=$HF_TOKEN WANDB_API_KEY=${{WANDB_API_KEY}} {_RUN}"),
    good(f"{_RUN} server.api_key=EMPTY server.token=dummy server.password=not-used server.secret=none"),
    good(f'{_RUN} server.api_key="" server.token="<token>" server.secret=... server.password=xxxx'),
    good("export NVIDIA_API_KEY=nvapi-your_key_here\nexport HF_TOKEN=hf_xxxxxxxx\nexport API_KEY=your-api-key"),
    good(f"{_RUN} server.api_key=op://vault/item/key server.token=vault:secret/data/hf"),
    good(f"{_RUN} run.env.env_vars.HF_TOKEN='${{oc.env:HF_TOKEN}}'"),
    good(
        f"{_RUN} tokenizer=gpt2large max_tokens=4096 token_drop=0.125 eos_token_id=50256 pad_token=padding1 "
        "eos_token=endofline bos_token=startofl sort_key=created1 cache_key=ab12cd34 token_key=tokens99"
    ),
    good("export BYTES_PER_TOKEN=12345678 PWD=abcd1234efgh passthrough=abcd1234efgh"),
    good(f"{_RUN} revision={_HEX} image=nvcr.io/nvidia/nemo@sha256:{'ab12' * 16} credentials=/run/secrets/key"),
    good(f"git checkout {_HEX}\n{_RUN} run_id=123e4567-e89b-12d3-a456-426614174000"),
    good("docker run -e HF_TOKEN nvcr.io/nvidia/nemo"),
    good("git clone https://$USER:$TOKEN@example.org/x.git https://user:password@example.org/y.git"),
    good("providers:\n  - name: openai\n    api_key: OPENAI_API_KEY", path="config/sdg.yaml"),
    good(
        "on: push\npermissions:\n  id-token: write\nenv:\n  HF_TOKEN: ${{ secrets.HF_TOKEN }}",
        path=".github/workflows/a.yml",
    ),
    good(f"The api_key: {_PLAIN} of prose is not judged.", path="page.md"),
    bad(
        _under(f"{_RUN} server.api_key=", _PLAIN),
        fixed=f"{_RUN} server.api_key_env=NVIDIA_API_KEY",
        severity="error",
        message="revoke",
    ),
    bad(_under("# key: ", _NVAPI), severity="error", message="known format", surface="script"),
    bad(_under("NVIDIA_API_KEY=", _NVAPI, f" {_RUN}")),
    bad(_under("export HF_TOKEN=", _HF)),
    bad(_under("export WANDB_API_KEY=", _HEX)),
    bad(_under("wandb login ", _HEX)),
    bad(_under('curl -H "Authorization: Bearer ', _PLAIN, '" https://example.org')),
    bad(_under("curl 'https://example.org/v1?api_key=", _PLAIN, "&n=1'")),
    bad(_under("curl -u me:", _PLAIN, " https://example.org")),
    bad(_under("git clone https://me:", _PLAIN, "@example.org/x.git")),
    bad(_under("mysql -u me -p", _PLAIN, " db")),
    bad(_under("sshpass -p ", _PLAIN, " ssh host")),
    bad(_under("docker login -u me -p ", _PLAIN, " nvcr.io")),
    bad(_under("huggingface-cli login --token ", _PLAIN)),
    bad(_under("ngc config set --apikey ", _PLAIN)),
    bad(_under("export HF_TOKEN=${HF_TOKEN:-", _PLAIN, "}")),
    bad(_under(f"{_RUN} run.env.env_vars.HF_TOKEN='${{oc.env:HF_TOKEN,", _PLAIN, "}'")),
    bad(_under("export ADMIN_PASSWORD=", "tulipgarden"), severity="warning"),
    bad(
        _under("docker run -e HF_TOKEN=", _PLAIN, " nvcr.io/nvidia/nemo"),
        fixed="docker run -e HF_TOKEN nvcr.io/nvidia/nemo",
    ),
    bad(
        "server:\n" + _under("  api_key: ", _NVAPI),
        fixed="server:\n  api_key: ${oc.env:NVIDIA_API_KEY}",
        path=_CONFIG_PATH,
    ),
    bad(
        "env_vars:\n" + _under('  MY_TOKEN: "', _PLAIN, '"'),
        fixed='env_vars:\n  MY_TOKEN: "${oc.env:MY_TOKEN}"',
        path=_CONFIG_PATH,
    ),
    bad("- name: HF_TOKEN\n" + _under("  value: ", _PLAIN), path="k8s/job.yaml"),
    bad(
        "[lepton]\n" + _under('env_vars = {HF_TOKEN = "', _HF, '"}'),
        fixed='[lepton]\nenv_vars = {HF_TOKEN = "${oc.env:HF_TOKEN}"}',
        path="env.toml",
    ),
    bad(_under("Use ", _NVAPI, " here."), path="page.md"),
    bad("```yaml\n" + _under("api_key: ", _PLAIN) + "\n```", path="page.md"),
    group="secrets",
    all_roles=True,
    supersedes=("secret-in-name-field", "secret-on-command-line", "printed-secret"),
)
def inlined_secret(document: Document, project: Project) -> Iterator[Finding]:
    """Name the variable that holds a credential, never its value.

    A value in a command, a config or a page ends up in the shell's history, the repository and every copy of both, and
    deleting the line later removes it from none of them. Revoke the credential, issue a new one, export it in the
    environment (`read -rs NVIDIA_API_KEY; export NVIDIA_API_KEY`) and name the variable:
    `server.api_key_env=NVIDIA_API_KEY`.

    Credentials of a known format are found anywhere, comments included; other values only under the name of a secret
    (`api_key`, `HF_TOKEN`, `--password`, `Authorization: Bearer`). Names, references (`$X`, `${{ secrets.X }}`) and
    placeholders are not reported. A value that looks like a word is a warning.
    """
    runs = {id(run.command): run for run in document.runs}
    overrides = {id(item.word): item for run in document.runs for item in run.overrides}
    for secret in secrets.collect(document):
        if secret.site == "name-field" and not secret.known_format:
            continue
        yield Finding(
            secret.span,
            _message(secret),
            severity=None if secret.certain else "warning",
            fix=_fix(secret, document, runs, overrides, project),
            needs_reason=secret.known_format,
        )


def _message(secret: secrets.Secret) -> str:
    where = f" in `{secret.key}`" if secret.key else ""
    if secret.known_format:
        what = f"a credential of a known format ({secret.label}) is hard-coded{where}"
    elif secret.certain:
        what = f"the value of a secret is hard-coded{where}"
    else:
        what = f"what may be the value of a secret is hard-coded{where}"
    return f"{what}: revoke it, since it stays in the history, and name a variable that holds the new one"


def _fix(
    secret: secrets.Secret,
    document: Document,
    runs: Mapping[int, StepRun],
    overrides: Mapping[int, Override],
    project: Project,
) -> Fix | None:
    name = secrets.VARIABLES.get(secret.label, "")
    if secret.key and secrets.is_name(secret.key):
        name = secret.key
    if secret.site == "container-env" and secret.word is not None:
        kept = secret.word.value[: -len(secret.value) - 1]
        if kept.endswith(secret.key) and secret.word.value.endswith(f"={secret.value}"):
            return Fix("Pass the variable by name", (Edit(secret.word.span, kept),))
    if secret.site == "config" and name and _interpolates(document):
        return Fix(f"Read it from the variable {name}", (Edit(secret.span, f"${{oc.env:{name}}}"),))
    run = runs.get(id(secret.command))
    if run is not None and secret.word is not None:
        return _twin(run, secret, overrides.get(id(secret.word)), name, project)
    return None


def _interpolates(document: Document) -> bool:
    """True for the files in which the CLI resolves `${oc.env:NAME}`: a step's configs, and env TOMLs."""
    folder, _, file = f"/{document.path}".rpartition("/")
    if document.kind == "yaml":
        return folder.endswith("/config")
    return document.kind == "toml" and re.fullmatch(r"env(?:\..*)?\.toml", file) is not None


def _twin(run: StepRun, secret: secrets.Secret, override: Override | None, name: str, project: Project) -> Fix | None:
    """Rewrite `server.api_key=<value>` as `server.api_key_env=NAME`, if the step has a field for the name."""
    if override is None or override.key != secret.key or override.value.text != secret.value:
        return None
    step = project.step_of(run)
    if step is None:
        return None
    keys = frozenset(project.known_keys(step, project.config_of(run)))
    for twin in (f"{override.key}_env", f"{override.key}_name"):
        if twin in keys:
            found = name or _given_name(run, twin, project)
            if found:
                return Fix(
                    f"Name the variable in `{twin}`",
                    (Edit(override.span, f"{twin}={found}"),),
                )
    return None


def _given_name(run: StepRun, key: str, project: Project) -> str:
    """The variable's name that the config already gives to `key`, else an empty string."""
    config = project.config_of(run)
    node: object = config.tree if config is not None else None
    for part in key.split("."):
        node = node.get(part) if isinstance(node, Mapping) else None
    return node if isinstance(node, str) and secrets.is_name(node) else ""
