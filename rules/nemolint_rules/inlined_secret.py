"""The rule `inlined-secret`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from nemolint import (
    Document,
    Edit,
    Finding,
    Fix,
    Override,
    Project,
    Span,
    StepRun,
    bad,
    good,
    lazily,
    rule,
    secrets,
    services,
)

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
    good(f"The api_key: {_PLAIN} of prose is not checked.", path="page.md"),
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
    bad(
        _under(f"{_RUN} run.env.env_vars.HF_TOKEN='${{oc.env:HF_TOKEN,", _PLAIN, "}'"),
        fixed=f"{_RUN} run.env.env_vars.HF_TOKEN='${{oc.env:HF_TOKEN}}'",
    ),
    bad(
        _under(f"{_RUN} server.api_key_env=", _NVAPI),
        fixed=f"{_RUN} server.api_key_env=NVIDIA_API_KEY",
    ),
    bad(_under(f"{_RUN} server.api_key_env=NVIDIA_API_KEY server.api_key=", _PLAIN)),
    bad(_under(f"{_RUN} server.url=$URL server.api_key=", _PLAIN)),
    bad(_under(f"{_RUN} server.url=https://api.deepseek.com server.api_key=", _NVAPI)),
    bad(_under("sudo docker run -e HF_TOKEN=", _PLAIN, " nvcr.io/nvidia/nemo")),
    bad(_under("apptainer exec --env HF_TOKEN=", _PLAIN, " nemo.sif bash")),
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
    bad(
        '[wandb]\nproject = "p"\n' + _under('api_key = "', _HEX, '"'),
        fixed='[wandb]\nproject = "p"\napi_key = "${oc.env:WANDB_API_KEY}"',
        path="env.toml",
        severity="error",
    ),
    bad(
        "providers:\n  - name: x\n" + _under("    api_key: ", _NVAPI),
        fixed="providers:\n  - name: x\n    api_key: NVIDIA_API_KEY",
        path="src/nemotron/steps/sdg/data_designer/config/mine.yaml",
    ),
    bad(
        "server:\n  api_key_env: NVIDIA_API_KEY\n" + _under("  api_key: ", _NVAPI),
        fixed='server:\n  api_key_env: NVIDIA_API_KEY\n  api_key: ""',
        path="src/nemotron/steps/translate/nemo_curator/config/mine.yaml",
    ),
    bad("cat > .env <<EOF\n" + _under("HF_TOKEN=", _PLAIN) + "\nEOF"),
    bad(_under('client = OpenAI(api_key="', _PLAIN, '")'), path="client.py"),
    bad(_under("Set `NVIDIA_API_KEY=", _PLAIN, "` first."), path="page.md"),
    bad(_under("gh secret set HF_TOKEN --body ", _PLAIN)),
    good("kind: SealedSecret\nspec:\n  encryptedData:\n    HF_TOKEN: AgBy8hCi+7x", path="k8s/job.yaml"),
    good("lep job create --secret HF_TOKEN=hf-2024q3-ro"),
    bad(_under("Use ", _NVAPI, " here."), path="page.md"),
    bad("```yaml\n" + _under("api_key: ", _PLAIN) + "\n```", path="page.md"),
    group="secrets",
    all_roles=True,
    supersedes=("secret-in-name-field", "secret-on-command-line", "printed-secret"),
    about="credential",
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
    if secret.site == "default":
        return _without_default(secret, document)
    if secret.site == "container-env" and secret.word is not None:
        kept = secret.word.value[: -len(secret.value) - 1]
        if kept.endswith(secret.key) and secret.word.value.endswith(f"={secret.value}") and not _remote(secret):
            return Fix("Pass the variable by name", (Edit(secret.word.span, kept),))
        return None
    if secret.site == "config":
        return _in_config(secret, document)
    run = runs.get(id(secret.command))
    override = overrides.get(id(secret.word))
    if run is None or override is None:
        return None
    step = project.step_of(run)
    if "providers" in secret.parents and step is not None and step.id.startswith("sdg/"):
        url = _url_in(_flow_around(override.word.value, override.word.value.find(secret.value)))
        name = services.variable_of(secret.label, url)
        return Fix(f"Name the variable {name}", (Edit(secret.span, name),)) if name else None
    return _twin(run, secret, override, project) if step is not None else None


def _remote(secret: secrets.Secret) -> bool:
    """True where the command runs on another machine, which has an environment of its own."""
    region = secret.word.region.parent if secret.word is not None else None
    while region is not None:
        if _SSH.search(region.text):
            return True
        region = region.parent
    return False


_SSH = lazily(r"\b(?:ssh|sudo)\b")
_DEFAULT = lazily(r"\$\{\s*(?:oc\.)?env:\s*[A-Za-z_]\w*(?P<default>\s*,[^{}]*)\}")


def _without_default(secret: secrets.Secret, document: Document) -> Fix | None:
    """Rewrite `${oc.env:X,<value>}` as `${oc.env:X}`."""
    word = secret.word
    text = word.value if word is not None else document.text
    at = text.find(secret.value) if word is not None else secret.span.start
    start = text.rfind("${", 0, at)
    match = _DEFAULT.match(text, start) if start >= 0 else None
    if match is None or not match.start("default") < at < match.end("default"):
        return None
    place = match.span("default")
    span = word.value_span(*place) if word is not None else Span(document.whole, *place)
    return Fix("Leave the default out", (Edit(span, ""),))


def _in_config(secret: secrets.Secret, document: Document) -> Fix | None:
    """Rewrite a value in a step's config or an env TOML so that it names the variable, as the step takes it."""
    if not _interpolates(document):
        return None
    around = _mapping_around(secret, document)
    url = _url_in(around)
    name = secret.key if secrets.is_name(secret.key) else services.variable_of(secret.label, url)
    folder = f"/{document.path}".rpartition("/")[0]
    quoted = document.text[secret.span.start - 1 : secret.span.start] in ("'", '"')
    if _twin_in(around, secret.key):
        return Fix("Leave it to the field that names the variable", (Edit(secret.span, "" if quoted else '""'),))
    if not name or "/curate/" in folder:
        return None
    if "providers" in secret.parents and "/sdg/" in folder:
        return Fix(f"Name the variable {name}", (Edit(secret.span, name),))
    if "/translate/" in folder:  # it resolves no `${…}`
        return None
    read = f"${{oc.env:{name}}}"
    if document.kind == "yaml" and not quoted and _in_flow(document.text, secret.span.start):
        read = f'"{read}"'  # a brace ends a plain word there
    return Fix(f"Read it from the variable {name}", (Edit(secret.span, read),))


_LONGEST_FLOW = 4000
_QUOTED = lazily(r"""\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*+'|\$\{[^{}\n]*+\}|(?<![^\s])\#[^\n]*+|(?P<bracket>[\[\]{}])""")


def _in_flow(text: str, at: int) -> bool:
    """True inside of brackets or braces of a YAML file."""
    depth = 0
    for match in _QUOTED.finditer(text, max(at - _LONGEST_FLOW, 0), at):
        if match["bracket"]:
            depth = max(depth + (1 if match["bracket"] in "[{" else -1), 0)
    return depth > 0


def _flow_around(text: str, at: int) -> str:
    """The fields of the mapping in braces around a place, a line each; "" where there is none on its line."""
    line = text.rfind("\n", 0, at) + 1
    depth = 0
    start = at - 1
    while start >= line and not (text[start] == "{" and depth == 0):
        depth += {"}": 1, "{": -1}.get(text[start], 0)
        start -= 1
    if start < line:
        return ""
    end, depth = at, 0
    while end < len(text) and text[end] != "\n" and not (text[end] == "}" and depth == 0):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        end += 1
    return "\n".join(field.strip() for field in text[start + 1 : end].split(","))


def _mapping_around(secret: secrets.Secret, document: Document) -> str:
    """The lines of a YAML file that are as deep as that of the value, around it; "" in other files."""
    if document.kind != "yaml":
        return ""
    if flow := _flow_around(document.text, secret.span.start):
        return flow
    lines = document.lines
    number = lines.position(secret.span.start).line

    def line(at: int) -> str:
        return document.text[slice(*lines.line_span(at))]

    def depth(text: str) -> int:
        bare = text.lstrip(" #")
        return len(text) - len(bare[2:].lstrip() if bare.startswith("- ") else bare)

    mine = depth(line(number))
    found = [line(number)]
    at = number
    while at > 1 and number - at < _MOST_LINES and not line(at).lstrip(" #").startswith("- "):
        at -= 1
        if line(at).strip() and depth(line(at)) < mine:
            break
        found.append(line(at))
    at = number
    while at < len(lines.starts) and at - number < _MOST_LINES:
        at += 1
        text = line(at)
        if text.strip() and (depth(text) < mine or (text.lstrip(" #").startswith("- ") and depth(text) == mine)):
            break
        found.append(text)
    return "\n".join(text for text in found if depth(text) == mine)


_MOST_LINES = 40


def _url_in(mapping: str) -> str | None:
    """What the lines of a mapping of YAML say of the service."""
    names = "|".join(services.URL_FIELDS)
    match = re.search(rf"(?m)^[ #-]*(?:{names})[ ]*:[ ]*[\"']?([^\s\"'#]+)", mapping)
    return match[1] if match else None


def _twin_in(mapping: str, key: str) -> bool:
    """True if the mapping of the value has a field that names the variable: `api_key_env` beside `api_key`."""
    names = rf"{re.escape(key)}_(?:env|name)"
    match = re.search(rf"(?m)^[ #-]*{names}[ ]*:[ ]*[\"']?([A-Z][A-Z0-9_]*)[\"']?[ ]*(?:#.*)?$", mapping)
    return match is not None and secrets.is_name(match[1])


def _interpolates(document: Document) -> bool:
    """True for the files in which the CLI resolves `${oc.env:NAME}`: a step's configs, and env TOMLs."""
    folder, _, file = f"/{document.path}".rpartition("/")
    if document.kind == "yaml":
        return folder.endswith("/config")
    return document.kind == "toml" and re.fullmatch(r"env(?:\..*)?\.toml", file) is not None


def _twin(run: StepRun, secret: secrets.Secret, override: Override, project: Project) -> Fix | None:
    """Rewrite `server.api_key=<value>` as `server.api_key_env=NAME`, if the step has a field for the name.

    In such a field, write the name.
    """
    if override.key != secret.key or override.value.text != secret.value:
        return None
    label = secret.label if secret.known_format else ""
    name = services.variable_of_field(run, override.key, project, label)
    if not name or sum(item.key == override.key for item in run.overrides) > 1:
        return None
    if secret.site == "name-field":
        return Fix(f"Write {name}", (Edit(secret.span, name),))
    twin = services.name_field_of(run, override.key, project)  # else it may name another service's
    return Fix(f"Name the variable in `{twin}`", (Edit(override.span, f"{twin}={name}"),)) if twin else None
