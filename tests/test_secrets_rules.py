"""What examples of the secret rules cannot show: fixes that need a step, pipelines, messages without values."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from nemolint.linter.rule import Finding
from nemolint.reader import find_runs, read_document
from nemolint_rules.environment_dump import environment_dump
from nemolint_rules.inlined_secret import inlined_secret
from nemolint_rules.printed_secret import printed_secret
from nemolint_rules.secret_in_name_field import secret_in_name_field
from nemolint_rules.secret_on_command_line import secret_on_command_line
from support.containers import notebook

NVAPI = "nvapi-" + "aB3dE5gH" * 8
PLAIN = "k7Qw" + "9zLm2X" * 3
OPENROUTER = "sk-or-v1-" + "0a1b2c3d" * 8
DEEPSEEK = "sk-" + "0a1b2c3d" * 4
HEX = "0a1b2c3d4e" * 4
RUN = "nemotron steps run translate/nemo_curator"
DATA = Path(__file__).parent / "data"
RULES = (inlined_secret, secret_in_name_field, secret_on_command_line, printed_secret, environment_dump)


def project(default: str = "NVIDIA_API_KEY") -> Any:
    """A project whose step takes `server.api_key` and `server.api_key_env`."""
    tree = {"server": {"api_key": "", "api_key_env": default}}
    config = SimpleNamespace(tree=tree)
    return SimpleNamespace(
        step_of=lambda run: SimpleNamespace(id=run.step.value),
        config_of=lambda run: config,
        known_keys=lambda step, config=None: ("server.api_key", "server.api_key_env"),
        known=lambda step: SimpleNamespace(name_fields=frozenset()),
    )


def findings(text: str, path: str = "a.sh", rules: Sequence[Any] = RULES) -> list[tuple[str, Finding]]:
    """All findings of the secret rules."""
    document = read_document(path, text.encode())
    return [
        (rule.name, finding)
        for rule in rules
        for finding in rule.function(document, *([project()] if rule.takes_project else []))
    ]


@pytest.mark.parametrize("value", [NVAPI, PLAIN, "$NVIDIA_API_KEY", '"${NVIDIA_API_KEY}"'])
def test_twin_field(value: str) -> None:
    """A key given on the command line is fixed to its twin that names the variable, where the step has one."""
    [(_, finding)] = findings(f"{RUN} server.api_key={value}")
    assert finding.fix is not None and not finding.fix.safe
    [edit] = finding.fix.edits
    assert (edit.at.text, edit.text) == (f"server.api_key={value}", "server.api_key_env=NVIDIA_API_KEY")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "a.sh",
            f"{RUN} server.api_key={PLAIN} server.api_key_env={PLAIN}\nexport HF_TOKEN={PLAIN}\n"
            f"echo ${{HF_TOKEN:-{PLAIN}}}",
        ),
        ("a.sh", f"# {NVAPI}\n{RUN} server.api_key_env={NVAPI}\ndocker run -e HF_TOKEN={NVAPI} x"),
        ("config/a.yaml", f"api_key: {PLAIN}\napi_key_env: {NVAPI}\npassword: {PLAIN}\n"),
        ("env.toml", f'a = {{HF_TOKEN = "{PLAIN}"}}\nurl = "https://me:{PLAIN}@example.org"\n'),
    ],
)
def test_messages_and_fixes_hold_no_value(path: str, text: str) -> None:
    """No rule writes a value into what it says."""
    found = findings(text, path)
    assert found
    for _, finding in found:
        said = finding.message + str([(edit.text) for edit in (finding.fix.edits if finding.fix else ())])
        assert not any(value[at : at + 6] in said for value in (PLAIN, NVAPI[6:]) for at in range(len(value) - 5))


def test_one_finding_for_each_value() -> None:
    """A value that several readers see (a nested script, an assignment, a known format) is reported once."""
    text = f"bash -c 'export NVIDIA_API_KEY={NVAPI}; {RUN} server.api_key={PLAIN}'\n"
    names = [name for name, _ in findings(text)]
    assert names == ["inlined-secret", "inlined-secret"]


def test_block_with_a_run() -> None:
    """Only a block with a run makes an expansion into another command's argument our matter."""
    other = 'curl -H "Authorization: Bearer $NVIDIA_API_KEY" x'
    page = f"```bash\n{other}\n```\n\n```bash\n{RUN}\n{other}\n```\n"
    assert [finding.severity for _, finding in findings(page, "a.md")] == ["warning"]


def test_pipes() -> None:
    """What a login reads from its standard input is not printed; what a filter shows is."""
    quiet = ["docker login --password-stdin x", "gh auth login --with-token", "sha256sum", "wc -c"]
    loud = ["cat", "tee log", "base64", "head -c 4"]
    for consumer in quiet + loud:
        assert len(findings(f'printf "%s" "$HF_TOKEN" | {consumer}')) == (consumer in loud), consumer


def test_known_format_is_said() -> None:
    """The message of a credential of a known format says so."""
    said = [finding.message for _, finding in findings(f"A={NVAPI}\nexport API_KEY={PLAIN}")]
    assert ["known format" in message for message in said] == [True, False]


@pytest.mark.parametrize(
    "words", ["-p ", "-H a:b ", "A=b ", "wandb login ", "$HF_TOKEN ", "; env | ", "$(env ", "tee <<A;x\n$A_TOKEN\n"]
)
def test_long_command(words: str) -> None:
    """A command of many words is judged whole."""
    document = read_document("a.sh", ("docker login " + words * (100_000 // len(words))).encode())
    for rule in RULES:
        list(rule.function(document, *([project()] if rule.takes_project else [])))


PRINTS = [
    ("a.sh", "cat <<-END\n\tkey=${NVIDIA_API_KEY}\n\tEND\n", ["${NVIDIA_API_KEY}"]),
    ("a.sh", "cat << EOF | tee log\n$HF_TOKEN\nEOF\n", ["$HF_TOKEN"]),
    ("a.sh", 'sudo -n true; logger "t=$HF_TOKEN"\n', ["$HF_TOKEN"]),
    ("a.sh", 'gawk \'END {printf "%s", ENVIRON["HF_TOKEN"]}\' f\n', ['ENVIRON["HF_TOKEN"]']),
    ("a.sh", "python3 -c \"import os; print(os.environ.get('HF_TOKEN'))\"\n", ["os.environ.get('HF_TOKEN')"]),
    ("a.sh", "python - <<'EOF'\nimport os\nprint(os.getenv('HF_TOKEN', ''))\nEOF\n", ["os.getenv('HF_TOKEN', '')"]),
    ("a.sh", 'echo "$(printenv HF_TOKEN)"\n', ["HF_TOKEN"]),
    ("a.sh", 'bash -xe <<EOF\nlogin "$HF_TOKEN"\nEOF\n', ["-xe"]),
    ("a.sh", '#!/bin/bash -x\nlogin "$HF_TOKEN"\n', ["-x"]),
    ("a.sh", "set -eux\nHF_TOKEN=$(cat f)\n", ["-eux"]),
    ("a.py", "import os\nprint('token', os.environ['HF_TOKEN'])\n", ["os.environ['HF_TOKEN']"]),
    ("a.py", "logger.info(f'key {NVIDIA_API_KEY!r}')\n", ["NVIDIA_API_KEY"]),
    ("a.ipynb", 'print(os.environ["HF_TOKEN"])\nprint(api_key)\n', ['os.environ[\\"HF_TOKEN\\"]', "api_key"]),
    ("a.md", "```python\nprint(os.getenv('HF_TOKEN'))\n```\n", ["os.getenv('HF_TOKEN')"]),
    ("a.sh", 'echo "t=$HF_TOKEN" | logger -t x\n', ["$HF_TOKEN"]),
    ("a.sh", "awk -v k=\"$HF_TOKEN\" 'BEGIN { print k }'\n", ["$HF_TOKEN"]),
    (
        "a.py",
        "print('key: {}'.format(api_key))\nprint('%s' % os.environ['HF_TOKEN'])\n",
        ["api_key", "os.environ['HF_TOKEN']"],
    ),
    ("a.py", "sys.stderr.write(os.environ['HF_TOKEN'])\n", ["os.environ['HF_TOKEN']"]),
    ("a.sh", "tee /dev/stderr <<EOF\n$HF_TOKEN\nEOF\ntee /dev/tty >/dev/null <<< $HF_TOKEN\n", ["$HF_TOKEN"] * 2),
    ("a.sh", "tee log <<EOF\n$HF_TOKEN\nEOF\n", ["$HF_TOKEN"]),
    ("a.sh", 'cat << "" <<X\n$NGC_API_KEY\n\n$HF_TOKEN\nX\n', ["$HF_TOKEN"]),
    ("a.sh", "cat <<A <<B\n$NGC_API_KEY\nA\n$HF_TOKEN\nB\n", ["$HF_TOKEN"]),
    ("a.sh", "cat <<A > f; cat <<'B'; cat <<C\n$X_TOKEN\nA\n$Y_TOKEN\nB\n$HF_TOKEN\nC\n", ["$HF_TOKEN"]),
    ("a.sh", "cat <<'A' <<B\n$NGC_API_KEY\nA\n$HF_TOKEN\nB\n", ["$HF_TOKEN"]),
]
NO_PRINTS = [
    ("a.sh", "cat > f <<EOF\n$HF_TOKEN\nEOF\ncat <<EOF >> f\n$HF_TOKEN\nEOF\n"),
    ("a.sh", "cat <<'EOF'\n$HF_TOKEN\nEOF\ncat <<EOF\n\\$HF_TOKEN $HOME ${HF_TOKEN:+set}\nEOF\n"),
    ("a.sh", "cat <<EOF | docker login --password-stdin\n$HF_TOKEN\nEOF\ntee f <<EOF >/dev/null\n$HF_TOKEN\nEOF\n"),
    (
        "a.sh",
        'X=`printenv HF_TOKEN`\nif [ -z "$(printenv HF_TOKEN)" ]; then exit 1; fi\nlogin "$(printenv HF_TOKEN)"\n',
    ),
    ("a.sh", 'awk -v n="$N" \'BEGIN {print n, ENVIRON["HOME"]}\'\nlogger "$MAX_TOKENS"\n'),
    ("a.sh", "bash -x run.sh\nbash -xc 'ls $HOME'\nset -x\nls\nset +x\nexport HF_TOKEN=$(cat f)\n"),
    ("a.sh", "bash -x -c 'ls'\nlogin $HF_TOKEN\nsh -c 'login $HF_TOKEN'\n"),
    ("a.py", "print(len(os.environ['HF_TOKEN']), 'HF_TOKEN' in os.environ, os.environ.get('HF_TOKEN') is not None)\n"),
    ("a.py", "print(token, tokens, max_tokens, mask(api_key), bool(api_key), tokenizer.eos_token, 'api_key')\n"),
    (
        "a.py",
        "print('set HF_TOKEN first')\nlog.info('api_key=%s', '***')\nprint('{api_key}')\nprint(os.environ['HOME'])\n",
    ),
    ("a.sh", 'awk -v k="$HF_TOKEN" -v n="$N" \'{ print n }\'\n'),
    ("a.sh", 'cat << "" <<X\n$HF_TOKEN\n\nfoo\nX\ncat <<"A B"\n$HF_TOKEN\nA B\ncat <<\\E\n$HF_TOKEN\nE\n'),
    ("a.sh", "cat <<A < f\n$HF_TOKEN\nA\ncat <<A <<'B'\n$HF_TOKEN\nA\n$HF_TOKEN\nB\n"),
    ("a.sh", "tee f >/dev/null <<EOF\n$HF_TOKEN\nEOF\ntee /dev/stderr <<'EOF'\n$HF_TOKEN\nEOF\n"),
    ("a.py", "f.write(os.environ['HF_TOKEN'])\nPath('x').open('w').write(f'HF_TOKEN={hf_token}')\n"),
    ("a.py", "print('{}'.format(len(api_key)), '%d' % len(hf_token), 7 % x)\n"),
    ("a.py", "print(api_key_env, f'{name}: {api_key is not None}', 'set' if os.getenv('HF_TOKEN') else 'unset')\n"),
]
DUMPS = [
    ("a.sh", "sudo env\n", ["env"]),
    ("a.sh", "srun --overlap -n1 env | sort > x\n", ["env"]),
    ("a.sh", "uv run --with x printenv\n", ["printenv"]),
    ("a.sh", "ssh -p 22 host 'env | sort'\nssh me@host printenv\n", ["env", "printenv"]),
    ("a.sh", "docker exec c env\npodman run --rm -it nvcr.io/x env -0\n", ["env", "env -0"]),
    ("a.sh", "kubectl exec -it p -c x -- env | grep TOKEN\n", ["env"]),
    ("a.sh", "apptainer exec x.sif env\ntimeout 5 nohup printenv\n", ["env", "printenv"]),
    ("a.sh", "bash -c env\nenv | grep -i key\nenv | grep ^NVIDIA\nenv | grep -v ^SLURM_\n", ["env"] * 4),
    ("a.sh", "strings /proc/self/environ\nxargs -0 -n1 < /proc/1/environ\n", ["/proc/self/environ", "/proc/1/environ"]),
    ("a.sh", "python -c 'import os; print(os.environ)'\n", ["os.environ"]),
    ("a.py", "pprint(dict(os.environ))\nprint(json.dumps(dict(os.environ), indent=1))\n", ["dict(os.environ)"] * 2),
    ("a.py", "for k, v in sorted(os.environ.items()):\n    print(k, v)\n", ["for k, v in sorted(os.environ.items()):"]),
    ("a.py", "os.system('env | sort')\nsubprocess.run(['printenv'], check=True)\n", None),
    ("a.ipynb", "print(os.environ)\n!srun env\n", ["os.environ", "env"]),
    ("a.md", "```bash\nsrun env\ndocker run --rm x env\n```\n", ["env", "env"]),
    ("a.md", "```python\nprint(os.environ)\n```\n", ["os.environ"]),
    ("a.py", "for k in os.environ:\n    print(k, os.environ[k])\n", ["for k in os.environ:"]),
    ("a.py", "print(*(f'{k}={v}' for k, v in os.environ.items()))\n", ["for k, v in os.environ.items()"]),
    ("a.py", "print(subprocess.check_output(['env'], text=True))\n", ["subprocess.check_output(['env'"]),
    ("a.ipynb", "%env\n", ["%env"]),
    ("a.sh", 'for v in $(compgen -e); do echo "$v=${!v}"; done\n', ["compgen -e"]),
    (
        "a.sh",
        'for v in $(compgen -A export | sort); do\n  printf "%s=%s\\n" "$v" "${!v}"\ndone\n',
        ["compgen -A export"],
    ),
    ("a.sh", 'compgen -e | while read -r v; do echo "$v=${!v}"; done\n', ["compgen -e"]),
]
NO_DUMPS = [
    (
        "a.sh",
        "env | cut -d= -f1\nenv | sort | cut -d '=' -f 1\nprintenv | awk -F= '{print $1}'\nenv | sed 's/=.*$//'\n",
    ),
    (
        "a.sh",
        "env | grep ^SLURM_\nprintenv | grep -E '^(NCCL|CUDA)_'\n"
        "srun env | grep ^MASTER_ | sort\nenv | grep CUDA_VISIBLE\n",
    ),
    ("a.sh", 'X=$(env)\nnames=$(env | sort)\n[ -n "$(printenv)" ]\n'),
    ("a.sh", "srun env X=1 cmd\nsudo env PATH=$PATH x\ndocker run --env-file env x\nssh env ls\nuv run env.py\n"),
    ("a.sh", "cat /proc/self/status /proc/meminfo\nls env\ncat env\nmkdir -p run env\nsource env\n"),
    ("a.md", "```python\n>>> hf env\n```\n\n```console\n>>> hf env\n```\n\n```\n>>> hf env\n```\n\nRun `hf env`.\n"),
    ("a.py", "print(os.environ['HOME'], list(os.environ), sorted(os.environ), os.environ.keys(), len(os.environ))\n"),
    ("a.py", "for k, v in os.environ.items():\n    print(k)\nx = dict(os.environ)\nrun(env=os.environ)\nprint(env)\n"),
    ("a.py", "subprocess.run(['env'], capture_output=True)\nprint('X' in os.environ, os.environ.get('HOME'))\n"),
    ("a.sh", "env | sed 's/=.*/=<set>/'\nprintenv | sed 's|=.*|: x|g'\n"),
    (
        "a.py",
        "for k in os.environ:\n    print(k, os.environ['HOME'])\nx = [f'{k}={v}' for k, v in os.environ.items()]\n",
    ),
    ("a.py", "print(len(subprocess.check_output(['env'])))\nprint(*(k for k, v in os.environ.items()))\n"),
    ("a.ipynb", "env = dict(os.environ)\n%env HOME\n!env | grep ^SLURM_\n"),
    (
        "a.sh",
        'for v in $(compgen -e); do echo "$v"; done\necho "${!v}"\ncompgen -e | while read -r n; do echo $n; done\n',
    ),
    ("a.sh", 'for v in $(compgen -e | grep ^SLURM_); do echo "$v=${!v}"; done\n'),
    ("a.sh", 'for v in $(compgen -e SLURM_); do echo "$v=${!v}"; done\n'),
    ("a.sh", 'for v in $(compgen -e); do [ -n "${!v}" ] && echo "$v is set"; echo "$v=${!v}" >> f; done\n'),
    ("a.sh", 'compgen -c | while read -r v; do echo "${!v}"; done\ncomplete -e\n'),
]


def shown(rule: Any, path: str, text: str) -> list[str]:
    """What a rule points at, as the file writes it."""
    text = notebook(text.splitlines(keepends=True)) if path.endswith(".ipynb") else text
    found = sorted(finding.at.file_span() for _, finding in findings(text, path, [rule]))
    return [text[slice(*span)] for span in found]


@pytest.mark.parametrize(("path", "text", "expected"), PRINTS)
def test_prints(path: str, text: str, expected: list[str]) -> None:
    """What shows a secret, or traces its use: here-documents, loggers, awk, Python, shells with `-x`."""
    assert shown(printed_secret, path, text) == expected


@pytest.mark.parametrize(("path", "text"), NO_PRINTS)
def test_no_prints(path: str, text: str) -> None:
    """What keeps a secret to itself: files, captured values, what is made of it, other variables."""
    assert shown(printed_secret, path, text) == []


@pytest.mark.parametrize(("path", "text", "expected"), DUMPS)
def test_dumps(path: str, text: str, expected: list[str] | None) -> None:
    """What lists the environment behind what starts a program, from `/proc`, in Python."""
    found = shown(environment_dump, path, text)
    assert found == expected if expected is not None else len(found) == 2


@pytest.mark.parametrize(("path", "text"), NO_DUMPS)
def test_no_dumps(path: str, text: str) -> None:
    """Names only, one harmless prefix, captured lists, other commands."""
    assert shown(environment_dump, path, text) == []


def _of_file() -> list[tuple[Any, bool, str, str]]:
    """The texts of `tests/data/shown.txt`, each with the rule that says something of it, or nothing."""
    rules = {"prints": printed_secret, "lists": environment_dump}
    found = []
    for entry in re.split(r"^=== ", (DATA / "shown.txt").read_text("utf-8"), flags=re.MULTILINE)[1:]:
        head, _, text = entry.partition("\n")
        rule, path = head.split()
        found.append((rules[rule.removeprefix("no-")], not rule.startswith("no-"), path, text))
    return found


@pytest.mark.parametrize(("rule", "reported", "path", "text"), _of_file())
def test_what_shows_and_what_does_not(rule: Any, reported: bool, path: str, text: str) -> None:
    """Programs that print what they read, code in other languages, loops over names; and what only looks like these."""
    assert bool(shown(rule, path, text)) == reported


# A command, and the words behind the step that it hands over once it is fixed ("" where there is no fix).
MENDED = [
    (f"{RUN} server.api_key={NVAPI} a=1", "server.api_key_env=NVIDIA_API_KEY a=1"),
    (f'{RUN} "server.api_key={PLAIN}" a=1', "server.api_key_env=NVIDIA_API_KEY a=1"),
    (f"{RUN} a=1 \\\n  server.api_key='{PLAIN}' \\\n  b=2", "a=1 server.api_key_env=NVIDIA_API_KEY b=2"),
    (f"{RUN} server.url=https://api.openai.com/v1 server.api_key={PLAIN}",
     "server.url=https://api.openai.com/v1 server.api_key_env=OPENAI_API_KEY"),
    (f"{RUN} server.url=https://openrouter.ai/api/v1 server.api_key={OPENROUTER}",
     "server.url=https://openrouter.ai/api/v1 server.api_key_env=OPENROUTER_API_KEY"),
    (f"{RUN} server.api_key={OPENROUTER}", "server.api_key_env=OPENROUTER_API_KEY"),
    (f"{RUN} server.url=https://api.deepseek.com server.api_key={DEEPSEEK}",
     "server.url=https://api.deepseek.com server.api_key_env=DEEPSEEK_API_KEY"),
    (f"{RUN} server.url=http://localhost:8000/v1 server.api_key={PLAIN}", ""),
    (f"{RUN} server.url=$URL server.api_key={PLAIN}", ""),
    (f"{RUN} server.api_key={DEEPSEEK}", ""),
    (f"{RUN} server.url=https://api.openai.com/v1 server.api_key={NVAPI}", ""),
    (f"{RUN} server.api_key_env=NVIDIA_API_KEY server.api_key={NVAPI}", ""),
    (f"{RUN} server.api_key={NVAPI} server.api_key={PLAIN}", ""),
    (f"{RUN} server.api_key_env={NVAPI}", "server.api_key_env=NVIDIA_API_KEY"),
    (f"{RUN} 'server.api_key_env={PLAIN}'", "server.api_key_env=NVIDIA_API_KEY"),
    (f"{RUN} server.url=https://api.x.ai/v1 server.api_key_env={PLAIN}",
     "server.url=https://api.x.ai/v1 server.api_key_env=XAI_API_KEY"),
    (f"{RUN} server.api_key_env=$NVIDIA_API_KEY", "server.api_key_env=NVIDIA_API_KEY"),
    (f"{RUN} run.env.env_vars.HF_TOKEN='${{oc.env:HF_TOKEN,{PLAIN}}}'", "run.env.env_vars.HF_TOKEN=${oc.env:HF_TOKEN}"),
    (f"{RUN} 'run.env.env_vars.HF_TOKEN=${{oc.env:HF_TOKEN, \"{PLAIN}\"}}'",
     "run.env.env_vars.HF_TOKEN=${oc.env:HF_TOKEN}"),
]  # fmt: skip


def mended(text: str, path: str = "a.sh") -> tuple[str, int]:
    """The text with the first fix of each finding, and how many fixes there were."""
    fixes = [finding.fix for _, finding in findings(text, path) if finding.fix is not None]
    edits = sorted({(edit.at.file_span(), edit.text) for fix in fixes for edit in fix.edits}, reverse=True)
    for (start, end), new in edits:
        text = text[:start] + new + text[end:]
    return text, len(fixes)


def handed_over(text: str) -> list[str]:
    """The words that bash hands to `nemotron`."""
    script = f"nemotron() {{ printf '%s\\0' \"$@\"; }}\n{text}\n"
    environment = {"NVIDIA_API_KEY": "v", "URL": "u", "PATH": os.environ["PATH"]}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, env=environment)
    return done.stdout.split("\0")[:-1]


@pytest.mark.parametrize(("text", "expected"), MENDED)
def test_a_mended_run_does_what_it_did(text: str, expected: str) -> None:
    """A fix names the variable of the service, once, and keeps all else as bash and the CLI read it."""
    fixed, count = mended(text)
    assert (count > 0) == bool(expected)
    if expected:
        assert handed_over(fixed) == [*RUN.split()[1:], *expected.split()]
        [run] = find_runs("a.sh", fixed)
        assert [f"{item.key}={item.value.text}" for item in run.overrides] == expected.split()


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        (f"docker run -e HF_TOKEN={PLAIN} i {RUN}", f"docker run -e HF_TOKEN i {RUN}"),
        (f"docker run --env=HF_TOKEN={PLAIN} i {RUN}", f"docker run --env=HF_TOKEN i {RUN}"),
        (f"podman run -e 'HF_TOKEN={PLAIN}' i {RUN}", f"podman run -e HF_TOKEN i {RUN}"),
        (f"docker run -e HF_TOKEN=$HF_TOKEN i {RUN}", f"docker run -e HF_TOKEN i {RUN}"),
        (f"docker run --rm -it -v /a:/b -p80:80 --gpus all -e A=1 -eHF_TOKEN={PLAIN} i {RUN}",
         f"docker run --rm -it -v /a:/b -p80:80 --gpus all -e A=1 -eHF_TOKEN i {RUN}"),
        (f"docker compose run -e HF_TOKEN={PLAIN} i {RUN}", f"docker compose run -e HF_TOKEN i {RUN}"),
        (f"docker run --rm i {RUN} -e HF_TOKEN={PLAIN}", None),
        (f"docker run -v a:b i x -e HF_TOKEN=$HF_TOKEN\n{RUN}", None),
        (f"docker build -e HF_TOKEN={PLAIN} .", None),
        (f"apptainer exec --env HF_TOKEN={PLAIN} i {RUN}", None),
        (f"singularity exec --env HF_TOKEN={PLAIN} i {RUN}", None),
        (f"sudo docker run -e HF_TOKEN={PLAIN} i {RUN}", None),
        (f"sudo docker run -e HF_TOKEN=$HF_TOKEN i {RUN}", None),
        (f"ssh h docker run -e HF_TOKEN={PLAIN} i", None),
        (f"ssh h 'docker run -e HF_TOKEN={PLAIN} i'", None),
    ],
)  # fmt: skip
def test_variables_of_containers(text: str, fixed: str | None) -> None:
    """A variable is passed by name where the program takes a name alone, and has it in its own environment."""
    assert mended(text)[0] == (text if fixed is None else fixed)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://integrate.api.nvidia.com/v1", "NVIDIA_API_KEY"),
        ("https://h.example/v1", "NVIDIA_API_KEY"),
        ("https://api.openai.com/v1", ""),
    ],
)
def test_a_provider_in_an_override(url: str, name: str) -> None:
    """A provider of `sdg` gets the name of its own service's variable, and none where key and service differ."""
    text = "nemotron steps run sdg/data_designer 'providers=[{{endpoint: \"{}\", api_key: {}}}]'\n"
    assert mended(text.format(url, NVAPI))[0] == text.format(url, name or NVAPI)


CONFIG = "src/nemotron/steps/{}/config/mine.yaml"


@pytest.mark.parametrize(
    ("path", "text", "fixed"),
    [
        (CONFIG.format("a/b"), f"api_key: {NVAPI}\n", "api_key: ${oc.env:NVIDIA_API_KEY}\n"),
        (CONFIG.format("a/b"), f"api_key: {OPENROUTER}\n", "api_key: ${oc.env:OPENROUTER_API_KEY}\n"),
        (CONFIG.format("a/b"), f"api_key: {DEEPSEEK}\n", None),
        (CONFIG.format("a/b"), f"url: https://api.deepseek.com\napi_key: {DEEPSEEK}\n",
         "url: https://api.deepseek.com\napi_key: ${oc.env:DEEPSEEK_API_KEY}\n"),
        (CONFIG.format("a/b"), f"HF_TOKEN: '{PLAIN}'\n", "HF_TOKEN: '${oc.env:HF_TOKEN}'\n"),
        (CONFIG.format("a/b"), f"x: ${{oc.env:HF_TOKEN,{PLAIN}}}\n", "x: ${oc.env:HF_TOKEN}\n"),
        (CONFIG.format("sdg/data_designer"), f"providers:\n  - name: x\n    api_key: {NVAPI}\n",
         "providers:\n  - name: x\n    api_key: NVIDIA_API_KEY\n"),
        (CONFIG.format("sdg/data_designer"),
         f"providers:\n  - name: x\n    endpoint: https://api.groq.com/openai/v1\n    api_key: '{PLAIN}'\n",
         "providers:\n  - name: x\n    endpoint: https://api.groq.com/openai/v1\n    api_key: 'GROQ_API_KEY'\n"),
        (CONFIG.format("sdg/data_designer"), f"providers:\n  - name: x\n    api_key: {PLAIN}\n", None),
        (CONFIG.format("translate/nemo_curator"), f"server:\n  api_key_env: NVIDIA_API_KEY\n  api_key: '{PLAIN}'\n",
         "server:\n  api_key_env: NVIDIA_API_KEY\n  api_key: ''\n"),
        (CONFIG.format("a/b"), f"x: {{HF_TOKEN: {PLAIN}, b: [c]}}\n", 'x: {HF_TOKEN: "${oc.env:HF_TOKEN}", b: [c]}\n'),
        (CONFIG.format("a/b"), f"x: {{\n  a: '}}',\n  HF_TOKEN: {PLAIN}\n}}\n",
         "x: {\n  a: '}',\n  HF_TOKEN: \"${oc.env:HF_TOKEN}\"\n}\n"),
        (CONFIG.format("sdg/data_designer"),
         f'providers: [{{name: x, endpoint: "https://api.groq.com/openai/v1", api_key: {NVAPI}}}]\n', None),
        (CONFIG.format("sdg/data_designer"),
         f'providers: [{{endpoint: "https://api.groq.com/openai/v1", api_key: {PLAIN}}}, {{endpoint: "x"}}]\n',
         'providers: [{endpoint: "https://api.groq.com/openai/v1", api_key: GROQ_API_KEY}, {endpoint: "x"}]\n'),
        (CONFIG.format("translate/nemo_curator"), f"server: {{api_key_env: NVIDIA_API_KEY, api_key: {PLAIN}}}\n",
         'server: {api_key_env: NVIDIA_API_KEY, api_key: ""}\n'),
        (CONFIG.format("translate/nemo_curator"), f"server:\n  api_key: {NVAPI}\n", None),
        (CONFIG.format("curate/nemo_curator"), f"api_key: {NVAPI}\n", None),
        ("env.toml", f'[wandb]\nproject = "p"\napi_key = "{HEX}"\n',
         '[wandb]\nproject = "p"\napi_key = "${oc.env:WANDB_API_KEY}"\n'),
        ("docs/a.yaml", f"api_key: {NVAPI}\n", None),
    ],
)  # fmt: skip
def test_fixes_of_configs(path: str, text: str, fixed: str | None) -> None:
    """A config gets what its step reads: an interpolation where one is resolved, a name where a name is taken."""
    result = mended(text, path)[0]
    assert result == (text if fixed is None else fixed)
    read = tomllib.loads if path.endswith(".toml") else yaml.safe_load
    assert read(result).keys() == read(text).keys()


SECOND = PLAIN[::-1]
PIECES = [
    (f"A={NVAPI[:30]}\nB={NVAPI[30:]}\nexport NVIDIA_API_KEY=$A$B\n", "known format"),
    (f'A={NVAPI[:30]}; B={NVAPI[30:]}; X_TOKEN="${{A}}${{B}}" python a.py\n', "known format"),
    (f"export P={PLAIN} S={SECOND}\nexport JUDGE_TOKEN=$P$S\n", "the value of a secret"),
    (f'p={PLAIN}\ncmd --api-key "$p-{SECOND}"\n', "the value of a secret"),
    (f"local p={PLAIN}\ndocker run -e JUDGE_API_KEY=x$p image\n", "the value of a secret"),
]


@pytest.mark.parametrize(("text", "said"), PIECES)
def test_pieces_in_variables(text: str, said: str) -> None:
    """What a shell puts together of variables that are set once is one secret, reported where its longest piece is."""
    [(name, finding)] = findings(text, rules=[inlined_secret])
    assert name == "inlined-secret" and said in finding.message and finding.severity is None
    assert finding.at.text in (PLAIN, SECOND, NVAPI[:30], NVAPI[30:])
    assert not any(value[at : at + 6] in finding.message for value in (PLAIN, SECOND) for at in range(len(value) - 5))


@pytest.mark.parametrize(
    "text",
    [
        f"A={PLAIN}\nA=$(cat key)\nexport X_TOKEN=$A\n",
        f"A={PLAIN}\nread -r A\nexport X_TOKEN=$A\n",
        f"for A in {PLAIN} x; do export X_TOKEN=$A; done\n",
        f"A={PLAIN}\nexport X_TOKEN=${{A:0:4}}\nexport Y_TOKEN=${{#A}}\n",
        f"A={PLAIN}\nexport X_TOKEN=$A$UNKNOWN\n",
        "A=meta; B=llama; export X_TOKEN=$A-$B\n",
    ],
)
def test_variables_that_are_not_known(text: str) -> None:
    """A variable that may hold something else, or a word, makes no secret."""
    assert findings(text, rules=[inlined_secret]) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", f'class C:\n    wandb_api_key: str = field(default="{HEX}")\n'),
        ("a.py", f'class C:\n    wandb_key: SecretStr = Field("{HEX}")\n'),
        ("a.py", f'p.add_argument("--wandb-key", type=str, default="{HEX}")\n'),
        ("a.md", f"Run `gh secret set WANDB_API_KEY -b{HEX}`.\n"),
        ("a.sh", f"gh secret set WANDB_API_KEY --repo x/y -b '{HEX}'\n"),
        ("a.tf", f'variable "wandb_api_key" {{\n  type = string\n  default = "{HEX}"\n}}\n'),
        ("a.yaml", f"inputs:\n  wandb_api_key:\n    description: x\n    default: {HEX}\n"),
        ("a.sh", f"export JUDGE_API_KEY={HEX}\nexport ADMIN_PASSWORD={HEX}\n"),
        ("a.yaml", f"judge:\n  api_key: {HEX}\n"),
    ],
)
def test_hexadecimal_credentials_are_errors(path: str, text: str) -> None:
    """Under a name that says which credential it is, 40 hexadecimal digits are one, and no commit."""
    assert {finding.severity for _, finding in findings(text, path, [inlined_secret])} == {None}
