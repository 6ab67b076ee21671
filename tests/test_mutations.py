"""One fault at a time is planted into clean commands, in every container: it is found where it is, and nothing else.

`⟦…⟧` in a faulty text marks the characters that the finding must cover.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nemolint.base.choices import Surface
from nemolint.linter.checker import Checker
from nemolint.linter.diagnostic import Diagnostic
from nemolint.linter.loader import load_rules
from nemolint.linter.wrapping import Wrapped, console_fence, list_fence, notebook, plain, workflow
from nemolint.settings import Settings

RULES = load_rules()

_ENV = """
[wandb]
project = "news"

[base]
executor = "slurm"
nodes = 2
gpus_per_node = 8

[train]
extends = "base"

[train_b]
extends = "base"

[cpu]
executor = "slurm"
nodes = 1
gpus_per_node = 0
"""
_LEPTON = '[lepton_big]\nexecutor = "lepton"\nnodes = 2\ngpus_per_node = 8\n'

CLEAN = {
    "tuning": r"""
        export NEMOTRON_RUNS=/data/runs
        uv run nemotron steps run sft/automodel -c default \
          dataset.path_or_dataset_id=/data/chat/train.jsonl \
          validation_dataset.path_or_dataset_id=/data/chat/valid.jsonl \
          step_scheduler.max_steps=200 \
          checkpoint.checkpoint_dir="$NEMOTRON_RUNS"/sft --dry-run --batch train
        """,
    "launched": r"""
        uv run nemotron steps run peft/automodel -dc tiny --run=train 2>&1 | tee dry-run.log
        uv run nemotron steps run peft/automodel -c tiny 'model.pretrained_model_name_or_path=meta-llama/x' \
          peft.dim=16 --run=train 2>&1 | tee run.log
        """,
    "translation": r"""
        uv run nemotron steps run translate/nemo_curator \
          'input_path=/data/news/*.jsonl' \
          output_dir="${OUT:-/data/news-hi}" \
          source_language=en target_language=hi \
          server.model='nvidia/llama-3.3-nemotron' server.api_key_env=NVIDIA_API_KEY \
          -c default --dry-run
        """,
    "curation": r"""
        uv run nemotron steps run curate/nemo_curator -c default "input_glob=${PWD}/data/**/*.jsonl" \
          output_dir=./curated 'language_codes=[EN]' \
          'quality_filters={min_words: 20}'
        """,
    "packing": r"""
        uv run nemotron steps run data_prep/sft_packing -c default blend_path=/data/blend.json pack_size=4096
        uv run nemotron steps run sft/megatron_bridge -c tiny --dry-run \
          train.train_iters=100 \
          checkpoint.save=/out/sft
        """,
    "order": r"""
        uv run nemotron steps run data_prep/pretrain_prep -c tiny --dry-run
        uv run nemotron steps run pretrain/automodel -c tiny --dry-run
        uv run nemotron steps run data_prep/pretrain_prep -c tiny
        uv run nemotron steps run pretrain/automodel -c tiny --batch train
        """,
    "conversion": r"""
        uv run nemotron steps run sft/megatron_bridge -c tiny checkpoint.save=/out/sft --dry-run
        uv run nemotron steps run convert/megatron_to_hf \
          -c default \
          megatron_path=/out/sft/iter_0000100 \
          hf_model_id=nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16 hf_path=/out/hf \
          --dry-run
        uv run nemotron steps run optimize/modelopt/prune -d -c tiny args.hf_model_name_or_path=/out/hf
        """,
    "evaluation": r"""
        uv run nemotron steps run eval/model_eval \
          -c tiny_chat \
          target.api_endpoint.url='https://integrate.api.nvidia.com/v1/chat/completions?a=1&b=2' \
          target.api_endpoint.model_id=nvidia/llama-3.3 target.api_endpoint.type=chat \
          'evaluation.tasks=[{name: mmlu_instruct}, {name: ifeval}]' \
          evaluation.nemo_evaluator_config.config.params.limit_samples=10 \
          --dry-run
        """,
    "benchmark": r"""
        cd /srv/bench && uv run nemotron steps run mcq -c tiny stage=prepare \
          output_dir="$OUT" -d
        """,
    "generation": r"""
        if [ -n "${NVIDIA_API_KEY:-}" ]; then
          uv run nemotron steps run sdg/data_designer --config=tiny num_records=5 --dry-run
        fi
        """,
    "preference": r"""
        uv run nemotron steps run rl/nemo_rl/dpo --config tiny --dry-run --batch=train \
          dpo.reference_policy_kl_penalty=0.1 data.train.prompt_file="${DATA}"/dpo.jsonl
        """,
    "merging": r"""
        uv run nemotron steps run convert/merge_lora -c default lora_checkpoint=/out/lora \
          base_hf_path=/models/base output_hf_path=/out/merged --dry-run
        """,
    "profiles": r"""
        uv run nemotron steps run env/env_toml -c slurm output_path=env.new.toml
        """,
    "quantization": r"""
        uv run nemotron steps run optimize/modelopt/quantize -c fp8 \
          args.hf_model_id=nvidia/x --dry-run
        """,
}


def python_string(text: str) -> Wrapped:
    """A shell string of a Python file, one literal a line."""
    out = ["import subprocess\n\nsubprocess.run(\n"]
    length = len(out[0])
    offsets: list[int] = []
    for line in text.split("\n"):
        out.append('    "')
        length += 5
        for char in line + "\n":
            written = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}.get(char, char)
            offsets.append(length)
            out.append(written)
            length += len(written)
        out.append('"\n')
        length += 2
    out.append("    , shell=True, check=True)\n")
    return Wrapped("example.py", "".join(out), tuple(offsets))


def dockerfile(text: str) -> Wrapped:
    """One `RUN` with a here-document."""
    head, tail = "FROM ubuntu:24.04\nRUN <<EOF\n", "\nEOF\n"
    return Wrapped("Dockerfile", head + text + tail, tuple(range(len(head), len(head) + len(text) + 1)))


CONTAINERS: Mapping[str, tuple[Callable[[str], Wrapped], Surface]] = {
    "script": (plain, "script"),
    "list": (list_fence, "doc"),
    "console": (console_fence, "doc"),
    "workflow": (workflow, "script"),
    "notebook": (notebook, "script"),
    "python": (python_string, "script"),
    "docker": (dockerfile, "script"),
}
# A text with lines that have no prompt does not fit a console block.
_BLOCK = re.compile(r"^(?:if|fi|then)\b", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """How a rule's fault is planted.

    `plant` yields faulty texts of a clean one (none where it does not fit). `env` names the env TOML files there.
    `inherent` names other rules that must speak too, since the fault is theirs as well.
    """

    plant: Callable[[str], Iterator[str]]
    env: tuple[str, ...] = ("env.toml", "env.lepton.toml")
    inherent: frozenset[str] = field(default_factory=frozenset)


FAULTS: dict[str, Fault] = {}


def fault(
    rule: str, *, env: tuple[str, ...] = ("env.toml", "env.lepton.toml"), inherent: tuple[str, ...] = ()
) -> Callable[[Callable[[str], Iterator[str]]], Callable[[str], Iterator[str]]]:
    """Register the function that plants the fault of `rule`."""

    def register(function: Callable[[str], Iterator[str]]) -> Callable[[str], Iterator[str]]:
        FAULTS[rule] = Fault(function, env, frozenset(inherent))
        return function

    return register


_RUN = re.compile(r"nemotron steps run (?P<step>[\w/]+)")
_GPU = re.compile(r"nemotron steps run (?P<step>(?:sft|peft|pretrain|rl|optimize|convert)/[\w/]+)")


def last_run(text: str) -> re.Match[str]:
    """The last run of a clean text."""
    *_, match = _RUN.finditer(text)
    return match


def step_of(text: str) -> str:
    return last_run(text)["step"]


def insert(text: str, words: str) -> Iterator[str]:
    """`words` right behind the step of the last run, and at the end of that run."""
    at = last_run(text).end()
    yield f"{text[:at]} {words}{text[at:]}"
    end = re.compile(r"(?:[ \t]+(?:2>&1[ \t]*)?\|[^\n]*)?(?:\nfi)?\Z").search(text)
    assert end is not None
    yield f"{text[: end.start()]} {words}{text[end.start() :]}"


def replace_last(text: str, pattern: str, new: str) -> Iterator[str]:
    """The last run with the first match of `pattern` replaced (groups as in `re.sub`), if there is one."""
    at = last_run(text).start()
    changed, count = re.subn(pattern, new, text[at:], count=1)
    if count:
        yield text[:at] + changed


def has_dry_run(text: str) -> bool:
    return re.search(r" (?:--dry-run|-d|-dc)\b", text[last_run(text).start() :]) is not None


def without_dry_runs(text: str) -> str:
    text = re.sub(r" -dc ", " -c ", text)
    return re.sub(r"[ \t]+(?:--dry-run|-d)(?=\s|$)", "", text).replace("\\\n", "\\\n").rstrip("\\\n ")


@fault("checkpoint-parent")
def _(text: str) -> Iterator[str]:
    yield from replace_last(text, r"megatron_path=/out/sft/iter_\d+", "megatron_path=⟦/out/sft⟧")
    if "megatron_to_hf" in text:
        yield re.sub(r"megatron_path=/out/sft/iter_\d+", "megatron_path=⟦/out/sft⟧", text)


@fault("conflicting-modes")
def _(text: str) -> Iterator[str]:
    if step_of(text) not in ("env/env_toml", "sft/automodel"):
        return
    yield from replace_last(text, r"--batch[ =]train", "⟦--batch train⟧ --run train_b")
    if "--batch" not in text:
        yield from insert(text, "⟦-b train⟧ --run=train_b")


@fault("converter-config")
def _(text: str) -> Iterator[str]:
    if "convert/megatron_to_hf" in text:
        yield re.sub(r"(convert/megatron_to_hf(?: \\\n)?\s+-c )default", r"\1⟦tiny⟧", text)
        yield re.sub(r"(convert/megatron_to_hf)((?: \\\n)?\s+)-c default \\\n\s+", r"⟦\1⟧\2", text)


@fault("environment-dump")
def _(text: str) -> Iterator[str]:
    yield f"⟦env⟧ | sort\n{text}"
    yield f"⟦declare -px⟧ > /tmp/all.txt\n{text}"
    yield f"{text}\n⟦printenv⟧ | sort"


@fault("ineffective-override")
def _(text: str) -> Iterator[str]:
    yield from insert(text, "⟦+seed⟧=1")
    if not step_of(text).startswith("rl/"):  # whose scripts take Hydra's grammar
        yield from insert(text, "⟦~model.name⟧")
    yield from replace_last(text, r"'quality_filters=\{min_words: 20\}'", "quality_filters=⟦20⟧")
    if step_of(text) == "sft/megatron_bridge":
        yield from insert(text, "checkpoint=⟦/out⟧")
        yield from insert(text, "⟦recipe.tensor_model_parallel_size⟧=2")


@fault("inherited-placeholder")
def _(text: str) -> Iterator[str]:
    if "blend_path=/data/blend.json " in text:
        yield text.replace("default blend_path=/data/blend.json ", "⟦default⟧ ")
    if step_of(text) == "sft/automodel":
        yield re.sub(r"-c default \\\n\s+dataset\.path\S+", "-c ⟦default⟧", text)


def _credential() -> str:
    """Looks like one, and is assembled here."""
    return "k7Qw" + "9zLm2X" * 3


@fault("inlined-secret")
def _(text: str) -> Iterator[str]:
    yield from insert(text, f"run.env.env_vars.HF_TOKEN=⟦{_credential()}⟧")
    yield f"export HF_TOKEN='⟦{_credential()}⟧'\n{text}"
    yield from replace_last(text, "server.api_key_env=NVIDIA_API_KEY", f"server.api_key=⟦{_credential()}⟧")


@fault("invalid-value")
def _(text: str) -> Iterator[str]:
    yield from insert(text, "run.env.account=⟦0123⟧")
    yield from replace_last(text, "target_language=hi", "target_language=⟦no⟧")
    yield from replace_last(text, "target_language=hi", "target_language=⟦Hindi⟧")
    if step_of(text) == "translate/nemo_curator":
        yield from insert(text, "backend=⟦openai⟧")


@fault("misaligned-lengths")
def _(text: str) -> Iterator[str]:
    if "pack_size=4096" in text:
        yield text.replace("pack_size=4096", "pack_size=8192").replace("bridge -c tiny", "bridge -c ⟦tiny⟧")
        yield from insert(text, "⟦model.seq_length=8192⟧")


@fault("mismatched-endpoint")
def _(text: str) -> Iterator[str]:
    yield from replace_last(text, "mmlu_instruct", "⟦mmlu_redux⟧")


@fault("mismatched-profile")
def _(text: str) -> Iterator[str]:
    if step_of(text) == "sft/automodel":
        yield from replace_last(text, "--batch train", "--batch ⟦cpu⟧")


@fault("misordered-steps")
def _(text: str) -> Iterator[str]:
    lines = text.split("\n")
    if step_of(text) == "pretrain/automodel":
        consumer = lines[3].replace("pretrain/automodel", "⟦pretrain/automodel⟧")
        yield "\n".join([lines[1], consumer, lines[2]])


@fault("missing-conversion")
def _(text: str) -> Iterator[str]:
    yield from replace_last(text, "hf_model_name_or_path=/out/hf", "hf_model_name_or_path=⟦/out/sft/iter_0000100⟧")


@fault("missing-dry-run")
def _(text: str) -> Iterator[str]:
    if not _GPU.search(text) or step_of(text) == "optimize/modelopt/prune":
        return
    if step_of(text) == "pretrain/automodel":
        yield text.replace("automodel -c tiny --dry-run\n", "automodel --help\n").replace(
            "--batch train", "⟦--batch train⟧"
        )
    elif step_of(text) == "peft/automodel":
        yield text.split("\n", 1)[1].replace("--run=train", "⟦--run=train⟧")
    else:
        bare = without_dry_runs(text)
        if re.search(r"--batch[ =]train", bare):
            yield re.sub(r"(--batch[ =]train)", r"⟦\1⟧", bare)
        else:
            yield f"{bare} ⟦--batch train⟧"


@fault("local-parallel-run")
def _(text: str) -> Iterator[str]:
    bare = without_dry_runs(text)
    if step_of(text) == "sft/megatron_bridge" and "--batch" not in bare:
        at = last_run(bare)
        yield f"{bare[: at.start('step')]}⟦{at['step']}⟧{bare[at.end('step') :]}"


@fault("bad-substitution")
def _(text: str) -> Iterator[str]:
    yield from insert(text, "run.name=⟦${oc.env:HOME}⟧")
    yield from insert(text, 'run.name="⟦${model.name}⟧-1"')


@fault("missing-env-file", env=())
def _(text: str) -> Iterator[str]:
    first = re.search(r"(?:--run|--batch)[ =]\Ktrain".replace(r"\K", "(?P<name>") + ")", text)
    if first is not None:
        yield f"{text[: first.start('name')]}⟦train⟧{text[first.end('name') :]}"


@fault("missing-launcher")
def _(text: str) -> Iterator[str]:
    at = text.rindex("uv run nemotron")
    yield f"{text[:at]}⟦nemotron⟧{text[at + len('uv run nemotron') :]}"


@fault("missing-value")
def _(text: str) -> Iterator[str]:
    for pattern in (" target_language=hi", r" server\.model='[^']*'", r" lora_checkpoint=\S+", r" base_hf_path=\S+"):
        at = last_run(text)
        rest, count = re.subn(pattern, "", text[at.end("step") :])
        if count:
            yield f"{text[: at.start('step')]}⟦{at['step']}⟧{rest}"


@fault("misplaced-option")
def _(text: str) -> Iterator[str]:
    for option in ("--dry-run", "-d", "--stage", "-dd"):
        at = last_run(text).start() + len("nemotron")
        if option.startswith("--d"):
            end = re.subn(r"(?<= )--dry-run(?=\s|$)", "", text[at:], count=1)
            if end[1]:
                yield f"{text[:at]} ⟦{option}⟧{end[0]}"
        else:
            yield f"{text[:at]} ⟦{option}⟧{text[at:]}"
    *_, behind = insert(text, "-- ⟦--dry-run=true⟧")
    yield behind


@fault("misspelled-dry-run")
def _(text: str) -> Iterator[str]:
    for wrong in ("--dryrun", "--dry", "--dry_run", "-n", "-dryrun", "--preview", "—dry-run", "–d"):
        yield from replace_last(text, r"(?<= )--dry-run(?=\s|$)", f"⟦{wrong}⟧")


@fault("overwritten-file")
def _(text: str) -> Iterator[str]:
    if step_of(text) == "env/env_toml":
        yield from insert(text.replace("env.new.toml", "env.toml"), "⟦force=true⟧")


@fault("printed-secret")
def _(text: str) -> Iterator[str]:
    yield f'echo "⟦$HF_TOKEN⟧"\n{text}'
    yield f"{text}\nprintf '%s\\n' ⟦${{WANDB_API_KEY}}⟧ | head -c 8"


@fault("recipe-cli")
def _(text: str) -> Iterator[str]:
    yield f"uv run ⟦nemotron super3⟧ sft -c tiny\n{text}"


@fault("refused-override")
def _(text: str) -> Iterator[str]:
    yield from insert(text, "run.env.account=⟦@me⟧")
    yield from insert(text, "'run.env.account=⟦[a, b⟧'")
    yield from insert(text, "run.env.mounts=[] ⟦run.env.mounts.first⟧=a")


@fault("repeated-override")
def _(text: str) -> Iterator[str]:
    for key in ("run.env.partition", "run.env.account"):
        for once in insert(text, f"⟦{key}=a⟧"):
            at = once.index("⟧") + 1
            yield f"{once[:at]} {key}=b{once[at:]}"


@fault("reserved-profile")
def _(text: str) -> Iterator[str]:
    yield from replace_last(text, r"(--(?:run|batch)[ =])train", r"\1⟦wandb⟧")
    yield from replace_last(text, r"(--(?:run|batch)[ =])train", r"\1⟦base⟧")


@fault("secret-in-name-field")
def _(text: str) -> Iterator[str]:
    yield from replace_last(text, "server.api_key_env=NVIDIA_API_KEY", "server.api_key_env=⟦$NVIDIA_API_KEY⟧")
    if step_of(text) == "eval/model_eval":
        yield from insert(text, 'target.api_endpoint.api_key_name="⟦${NVIDIA_API_KEY}⟧"')


@fault("secret-on-command-line")
def _(text: str) -> Iterator[str]:
    yield from insert(text, "run.env.env_vars.HF_TOKEN=⟦$HF_TOKEN⟧")
    yield from insert(text, 'run.env.env_vars.WANDB_API_KEY="⟦${WANDB_API_KEY}⟧"')


@fault("shell-expanded-value")
def _(text: str) -> Iterator[str]:
    yield from insert(text, "run.env.mounts=⟦{/data,/out}⟧")
    yield from insert(text, "run.env.note=⟦run(1)⟧")
    yield from replace_last(text, r"'evaluation.tasks=(\[.*?\])'", r"evaluation.tasks=⟦\1⟧")
    yield from replace_last(text, "url='([^']*)'", r"url=⟦\1⟧")
    yield from replace_last(text, "'input_path=([^']*)'", r"input_path=⟦\1⟧")


@fault("simplified-glob")
def _(text: str) -> Iterator[str]:
    yield from replace_last(text, r'"input_glob=\$\{PWD\}/data/\*\*/\*\.jsonl"', "input_glob=⟦/srv/data⟧")
    for faulty in replace_last(text, "'input_path=[^']*'", "input_path=⟦data/news⟧"):
        yield f"# the articles: data/news/*.jsonl\n{faulty}"


@fault("stray-argument")
def _(text: str) -> Iterator[str]:
    yield from insert(text, "⟦run.env.nodes = 2⟧")
    yield from insert(text, "⟦run.env.nodes= 2⟧")
    yield from insert(text, "⟦tiny⟧")


# Without its option the default config is launched, of which there was no dry run.
@fault("typographic-character", inherent=("missing-dry-run",))
def _(text: str) -> Iterator[str]:
    yield from insert(text, "run.env.account=⟦“my team”⟧")
    yield from insert(text, "run.env.account=a⟦\u00a0⟧run.env.partition=b")
    yield from replace_last(text, r" -c (?=\w)", " ⟦—⟧config=")
    yield from replace_last(text, r" -c (?=\w)", " ⟦–⟧c ")
    yield from replace_last(text, " --batch[ =]", " ⟦—⟧batch ")


@fault("unfilled-placeholder")
def _(text: str) -> Iterator[str]:
    yield from insert(text, "'run.env.container_image=⟦<your-image>⟧'")
    yield from insert(text, "run.env.container_image=⟦YOUR_IMAGE⟧")
    yield from insert(text, "run.env.workdir=⟦/path/to/work⟧")
    yield from insert(text, "⟦...⟧")
    yield from replace_last(text, r"(--(?:run|batch)[ =])train", r"\1⟦my-profile⟧")


# The dry run before the launch was one of another config.
@fault("unknown-config", inherent=("missing-dry-run",))
def _(text: str) -> Iterator[str]:
    if "convert/" in text:
        return
    yield from replace_last(text, r"-c tiny\b", "-c ⟦tiny.yaml⟧")
    yield from replace_last(text, r"(-c |--config[= ])(?:tiny|default)\b", r"\1⟦production⟧")


@fault("unknown-eval-task")
def _(text: str) -> Iterator[str]:
    yield from replace_last(text, "mmlu_instruct", "⟦mmlu_instuct⟧")
    if step_of(text) == "eval/model_eval":
        yield from insert(text, "-t ⟦made_up_task⟧")


# Without the option the default config is launched, of which there was no dry run.
@fault("unknown-option", inherent=("missing-dry-run",))
def _(text: str) -> Iterator[str]:
    if step_of(text) not in ("mcq", "byob/mcq"):  # whose runner honours it
        yield from insert(text, "⟦--stage=prepare⟧")
    yield from insert(text, "⟦--verbose⟧")
    yield from insert(text, "⟦-v⟧")
    yield from insert(text, "⟦--stage⟧ prepare")
    yield from replace_last(text, r"(?:-c |--config[= ])(\w+)", r"⟦--confg⟧ \1")
    yield from replace_last(text, r"--batch[= ](\w+)", r"⟦--bacth=\1⟧")


@fault("unknown-override")
def _(text: str) -> Iterator[str]:
    if step_of(text).partition("/")[0] in ("translate", "curate", "mcq", "sdg", "env"):
        yield from insert(text, "⟦colour⟧=red")
    yield from replace_last(text, "target_language", "⟦taget_language⟧")
    if "blend_path" in text:
        yield text.replace(" blend_path", " ⟦blend_pth⟧")
    yield from replace_last(text, r" dataset\.path_or_dataset_id", " ⟦dataset.path_or_dataset_ids⟧")


@fault("unknown-profile")
def _(text: str) -> Iterator[str]:
    yield from replace_last(text, r"(--(?:run|batch)[ =])train", r"\1⟦trian⟧")
    yield from replace_last(text, r"(--(?:run|batch)[ =])train", r"\1⟦h100-cluster⟧")


@fault("unknown-step")
def _(text: str) -> Iterator[str]:
    at = last_run(text)
    for wrong in (f"{at['step'][:-1]}", "deploy/vllm_server", "automodel"):
        yield f"{text[: at.start('step')]}⟦{wrong}⟧{text[at.end('step') :]}"


@fault("unneeded-no-sync")
def _(text: str) -> Iterator[str]:
    at = text.rindex("uv run nemotron")
    yield f"{text[:at]}uv run ⟦--no-sync⟧ nemotron{text[at + len('uv run nemotron') :]}"


@fault("unparsed-shell")
def _(text: str) -> Iterator[str]:
    yield f"{text}\necho 'begun\n\"⟦nemotron⟧ steps run sft/automodel -c tiny"


@fault("unread-env-file")
def _(text: str) -> Iterator[str]:
    yield from replace_last(text, r"(--(?:run|batch)[ =])train", r"\1⟦lepton_big⟧")


# These judge files, suppressions or answers, not runs.
@fault("wrong-artifact")
def _(text: str) -> Iterator[str]:
    yield from replace_last(text, "'input_path=[^']*'", "input_path=⟦/out/mcq/benchmark.parquet⟧")
    if step_of(text) == "sft/megatron_bridge" and "train.train_iters" in text:
        for path in ("/data/chat.jsonl", "'/data/*.jsonl'"):
            yield from insert(text, f"dataset.packed_sequence_specs.packed_train_data_path=⟦{path}⟧")


_NOT_OF_RUNS = {
    "altered-value",  # which needs a question
    "lost-words",  # words that are no longer part of the run
    "invalid-env-file",
    "internal-error",
    "invalid-project-file",
    "missing-source-tier",
    "unconfirmed-launch",
    "unknown-rule",
    "unnamed-auth-variable",
    "unreadable-file",
    "unstated-export",
    "unstated-faith-handoff",
    "unstated-profile",
    "unused-suppression",
}


class Bench:
    """Checkers, one for each set of env TOML files, and the counts for the table."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.caught: Counter[tuple[str, str]] = Counter()
        self.planted: Counter[tuple[str, str]] = Counter()
        self._checkers: dict[tuple[str, ...], Checker] = {}

    def check(self, wrapped: Wrapped, env: tuple[str, ...], more: tuple[str, ...] = ()) -> list[Diagnostic]:
        """Findings of a file in a folder with those env TOML files; `more` are rules that are off by default."""
        key = (*env, "+", *more)
        if key not in self._checkers:
            root = self.folder / f"{len(self._checkers)}"
            root.mkdir()
            for name in env:
                (root / name).write_text(_LEPTON if "lepton" in name else _ENV, "utf-8")
            settings = Settings(root=root, extend_select=more)
            self._checkers[key] = Checker(settings, cwd=root, environ={}, rules=RULES)
        checker = self._checkers[key]
        found = checker.check(checker.read(Path(checker.cwd, wrapped.path), wrapped.text.encode()))
        assert not checker.internal_errors
        return found


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Prints the table when all faults have been planted (seen with `-s`)."""
    bench = Bench(tmp_path_factory.mktemp("mutations"))
    yield bench
    print("\n" + "rule".ljust(24) + "".join(name.rjust(10) for name in CONTAINERS))
    for rule in FAULTS:
        cells = [(bench.caught[rule, name], bench.planted[rule, name]) for name in CONTAINERS]
        print(rule.ljust(24) + "".join((f"{got}/{all}" if all else "-").rjust(10) for got, all in cells))
    caught, planted = bench.caught.total(), bench.planted.total()
    print(f"{caught} of {planted} planted faults are caught at their place, with nothing else reported")


def clean_text(name: str) -> str:
    lines = CLEAN[name].strip("\n").split("\n")[:-1]
    return "\n".join(line[8:] for line in lines)


def containers(text: str) -> Iterator[tuple[str, Wrapped, Surface]]:
    for name, (wrap, surface) in CONTAINERS.items():
        if name != "console" or not _BLOCK.search(text):
            yield name, wrap(text), surface


def shown(found: list[Diagnostic], text: str) -> list[tuple[str, str, str]]:
    return [(item.rule, text[item.start : item.end], item.message) for item in found]


@pytest.mark.parametrize("name", CLEAN)
def test_clean(name: str, bench: Bench) -> None:
    """What is in order brings up nothing, in no container."""
    for container, wrapped, _ in containers(clean_text(name)):
        found = [item for item in bench.check(wrapped, ("env.toml", "env.lepton.toml")) if item.severity != "info"]
        assert not found, (container, shown(found, wrapped.text))


def test_every_rule_has_a_fault() -> None:
    """A new rule that judges runs needs its mutation here."""
    ours = {name for name, rule in RULES.items() if rule.file and "nemolint_rules" in rule.file}
    assert FAULTS.keys() | _NOT_OF_RUNS == ours
    assert not FAULTS.keys() & _NOT_OF_RUNS


def planted(rule: str) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Name of the clean text, faulty text, and the characters to be found."""
    for name in CLEAN:
        for marked in FAULTS[rule].plant(clean_text(name)):
            start, end = marked.index("⟦"), marked.index("⟧") - 1
            yield name, marked.replace("⟦", "").replace("⟧", ""), (start, end)


@pytest.mark.parametrize("rule", FAULTS)
def test_planted(rule: str, bench: Bench) -> None:
    """A fault is reported at its very characters wherever its rule judges, and nothing else is."""
    wrong: list[object] = []
    more = () if RULES[rule].default else (rule,)
    for name, text, at in planted(rule):
        for container, wrapped, surface in containers(text):
            found = bench.check(wrapped, FAULTS[rule].env, more)
            mine = [(item.start, item.end) for item in found if item.rule == rule]
            others = {item.rule for item in found if item.rule != rule and item.severity != "info"}
            others -= FAULTS[rule].inherent
            if RULES[rule].severity[surface] is None:
                if mine or others:
                    wrong.append((name, container, text, shown(found, wrapped.text)))
                continue
            bench.planted[rule, container] += 1
            if mine == [wrapped.span(*at)] and not others:
                bench.caught[rule, container] += 1
            else:
                wrong.append(
                    (name, container, text, wrapped.text[slice(*wrapped.span(*at))], shown(found, wrapped.text))
                )
    assert bench.planted.total(), "no clean text takes this fault"
    for item in wrong[:4]:
        print(item)
    assert not wrong, f"{len(wrong)} misses"
