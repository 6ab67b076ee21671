"""Facts that only the code of a runner shows, as data: looked up by step id, neutral for any other step.

Each entry names the file, below `src/nemotron/steps/`, that the facts were read from. What a manifest or a config says
is not repeated here: `Project.known` adds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from nemolint.project.model import Scalar


class Required(NamedTuple):
    """A value without which the runner fails.

    `instead`: keys, any of which can replace it. `when`: `(key, values)` pairs that must all hold for it to be
    required.
    """

    key: str
    instead: tuple[str, ...] = ()
    when: tuple[tuple[str, tuple[Scalar, ...]], ...] = ()


class Known(NamedTuple):
    """Facts about one runner. Keys are dotted; an empty field means that nothing is known.

    `closed`: the runner reads fixed keys and drops any other (None: not known), except below `open_under`, where keys
    reach a library.
    `paid`: it calls hosted models, except in runs in which all of `free_when` holds.
    `glob_only`: takes a file or a glob, never a folder.
    `unpacked`: mappings whose keys the runner reads one by one; a scalar there loses them or breaks the run.
    `shadows`: a key -> the key that wins over it if both are set.
    `replaces`: a key -> the key that makes its value irrelevant once set.
    `language_keys`: take ISO 639-1 codes.
    `dry_run_keys`: with `true` the runner itself does nothing that costs.
    `unread`: manifest parameters that nothing reads.
    `iteration_paths`: take one `iter_*` folder, not its parent.
    `gpu_unless`: without GPUs in its header the step deploys a model, unless the key holds one of the values.
    `task_lists`: lists of evaluation tasks (entries with `name`, or names).
    `path_datasets`: values of `dataset_name` that open the path beside it; `own_datasets`: those that download
    what they need, and read no path.
    `task_options`: words that it takes with the next one, the name of a task; whatever else has no `=` stops it.
    `source`: the file with these facts, below `src/nemotron/steps/`.
    """

    closed: bool | None = None
    open_under: frozenset[str] = frozenset()
    paid: bool | None = None
    free_when: tuple[tuple[str, tuple[Scalar, ...]], ...] = ()
    glob_only: frozenset[str] = frozenset()
    required: tuple[Required, ...] = ()
    unpacked: frozenset[str] = frozenset()
    shadows: Mapping[str, str] = MappingProxyType({})
    replaces: Mapping[str, str] = MappingProxyType({})
    language_keys: frozenset[str] = frozenset()
    dry_run_keys: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    iteration_paths: frozenset[str] = frozenset()
    gpu_unless: tuple[tuple[str, tuple[Scalar, ...]], ...] = ()
    task_lists: frozenset[str] = frozenset()
    path_datasets: frozenset[str] = frozenset()
    own_datasets: frozenset[str] = frozenset()
    task_options: frozenset[str] = frozenset()
    source: str = ""


NEUTRAL = Known()

# What the CLI itself unpacks for every step (`nemo_runspec/config/loader.py`).
CLI_UNPACKED = frozenset({"run", "run.env"})

# The recipe that the runner hands the config to (`nemo_automodel/recipes/llm/train_ft.py`) instantiates these sections,
# passes their keys on as arguments, or looks them up, whatever the manifest's choices say.
_AUTOMODEL = Known(
    closed=False,
    unpacked=frozenset(
        {
            "checkpoint",
            "dataloader",
            "dataset",
            "dist_env",
            "lr_scheduler",
            "model",
            "optimizer",
            "packed_sequence",
            "peft",
            "step_scheduler",
            "wandb",
        }
    ),
    source="_runners/automodel.py",
)
_DATA_PREP_BLOCKS = frozenset({"tokenizer", "plan", "download", "tokenization", "observability"})
_LLM = ("backend", ("llm",))
_FAITH = ("faith_eval.enabled", (True,))
_SHARED_SHAPE = (
    "seq_length",
    "tensor_model_parallel_size",
    "pipeline_model_parallel_size",
    "context_parallel_size",
    "expert_model_parallel_size",
    "sequence_parallel",
)
# Fields of the recipe's `ConfigContainer` that are dataclasses: the runner merges the section of that name into each,
# and a scalar replaces the whole object. Fields that may hold a string (`mixed_precision`) are left out.
_MEGATRON_SECTIONS = frozenset(
    {
        "checkpoint",
        "dataset",
        "ddp",
        "dist",
        "logger",
        "model",
        "optimizer",
        "rerun_state_machine",
        "rng",
        "scheduler",
        "tokenizer",
        "train",
    }
)
_MEGATRON = Known(
    closed=False,
    open_under=frozenset({"recipe"}),
    unpacked=_MEGATRON_SECTIONS | {"hf_load", "checkpoint_patch", "recipe"},
    # The runner builds the recipe from `recipe.*`, then merges the sections into it.
    shadows={
        **{f"recipe.{name}": f"model.{name}" for name in _SHARED_SHAPE},
        # How the recipes use these arguments.
        "recipe.context_parallelism": "model.context_parallel_size",
        "recipe.sequence_parallelism": "model.sequence_parallel",
    },
    source="_runners/megatron_bridge.py",
)
_MODELOPT = Known(
    closed=False,
    unpacked=frozenset({"args", "torchrun", "script", "wandb_wrapper"}),
    source="_runners/modelopt.py",
)
# The script that the runner starts or imitates (`run_dpo.py`, `run_grpo.py`) reads its sections from the config by
# name. By the names that NeMo-RL registers them under
# (`nemo_rl/data/datasets/{response,preference}_datasets/__init__.py`).
_PATH_DATASETS = frozenset(
    {"BinaryPreferenceDataset", "NemoGymDataset", "OpenAIFormatDataset", "PreferenceDataset", "ResponseDataset"}
    | {"openai_format"}
)
_OWN_DATASETS = frozenset(
    {"AIME2024", "DAPOMath17K", "DAPOMathAIME2024", "DeepScaler", "HelpSteer3", "OpenMathInstruct-2", "Tulu3Preference"}
    | {"clevr-cogent", "geometry3k", "open_assistant", "refcoco", "squad"}
)
_NEMO_RL_SECTIONS = frozenset({"checkpointing", "cluster", "data", "logger", "policy", "policy.tokenizer"})
_GRPO = Known(
    closed=False,
    unpacked=_NEMO_RL_SECTIONS | {"data.train", "data.validation", "env", "grpo", "loss_fn"},
    replaces={"data.train.data_path": "data.manifest_path", "data.validation.data_path": "data.manifest_path"},
    path_datasets=_PATH_DATASETS,
    own_datasets=_OWN_DATASETS,
    source="_runners/nemo_rl_grpo_nemo_gym.py",
)


BY_STEP: Mapping[str, Known] = {
    "byob/mcq": Known(
        closed=True,
        open_under=frozenset(
            {
                "generation_model_config",
                "judge_model_config",
                "distractor_expansion_model_config",
                "distractor_validity_model_config",
                "filtering_model_configs",
                "translation_model_config",
                "target_source_mapping",
                "prompt_config",
                "chunking_config",
                "coverage_check_config",
                "semantic_deduplication_config",
                "semantic_outlier_detection_config",
            }
        ),
        paid=True,
        unpacked=frozenset(
            {
                "chunking_config",
                "filtering_model_configs",
                "generation_model_config",
                "judge_model_config",
                "semantic_deduplication_config",
                "semantic_outlier_detection_config",
                "target_source_mapping",
                "translation_model_config",
            }
        ),
        source="byob/runtime/config.py",
    ),
    "convert/hf_to_megatron": Known(
        closed=True,
        required=(Required("hf_model_id", instead=("hf_model",)), Required("megatron_path")),
        unpacked=frozenset({"script", "torchrun"}),
        source="_runners/convert.py",
    ),
    "convert/megatron_to_hf": Known(
        closed=True,
        required=(
            Required("megatron_path"),
            Required("hf_model_id", instead=("hf_model",)),
            Required("hf_path"),
        ),
        unpacked=frozenset({"script", "torchrun"}),
        iteration_paths=frozenset({"megatron_path"}),
        source="_runners/convert.py",
    ),
    "convert/merge_lora": Known(
        closed=True,
        required=(
            Required("lora_checkpoint"),
            # Either backend needs a base: the adapter's own by default, a Megatron one or a model id for the other.
            Required("base_hf_path", instead=("hf_model_path", "hf_model_id")),
        ),
        unpacked=frozenset({"script", "torchrun"}),
        source="_runners/convert.py",
    ),
    "curate/nemo_curator": Known(
        closed=True,
        open_under=frozenset({"dataset", "ray"}),
        glob_only=frozenset({"input_glob"}),
        required=(
            Required("input_glob"),
            Required("output_dir"),
            Required("text_field"),
        ),
        unpacked=frozenset({"dataset", "ray", "models", "quality_filters"}),
        source="curate/nemo_curator/step.py",
    ),
    "data_prep/pretrain_prep": Known(
        closed=True,
        open_under=_DATA_PREP_BLOCKS,
        required=(Required("output_dir"),),
        unpacked=_DATA_PREP_BLOCKS,
        source="data_prep/pretrain_prep/step.py",
    ),
    "data_prep/rl_prep": Known(
        closed=True,
        open_under=frozenset({"observability"}),
        required=(Required("blend_path"), Required("output_dir")),
        unpacked=frozenset({"observability"}),
        replaces={"sample": "max_rows"},
        source="data_prep/rl_prep/step.py",
    ),
    "data_prep/sft_packing": Known(
        closed=True,
        open_under=_DATA_PREP_BLOCKS,
        required=(Required("output_dir"),),
        unpacked=_DATA_PREP_BLOCKS,
        source="data_prep/sft_packing/step.py",
    ),
    "env/env_toml": Known(
        closed=True,
        open_under=frozenset({"sections"}),
        required=(Required("sections"),),
        unpacked=frozenset({"sections", "checks"}),
        source="env/env_toml/step.py",
    ),
    "eval/model_eval": Known(
        closed=False,
        paid=True,
        dry_run_keys=frozenset({"dry_run"}),
        unpacked=frozenset({"execution", "deployment", "evaluation", "target"}),
        iteration_paths=frozenset({"deployment.checkpoint_path"}),
        gpu_unless=(("deployment.type", ("none",)),),
        task_lists=frozenset({"evaluation.tasks", "task_filters"}),
        task_options=frozenset({"-t", "--task"}),
        source="eval/model_eval/runtime.py",
    ),
    "optimize/modelopt/distill": _MODELOPT,
    "optimize/modelopt/prune": _MODELOPT,
    "optimize/modelopt/quantize": _MODELOPT,
    "peft/automodel": _AUTOMODEL,
    "peft/megatron_bridge": _MEGATRON._replace(
        unpacked=_MEGATRON.unpacked | {"peft", "dataset.packed_sequence_specs"},
        required=(Required("checkpoint.pretrained_checkpoint"),),
    ),
    "pretrain/automodel": _AUTOMODEL,
    "pretrain/megatron_bridge": _MEGATRON._replace(unread=frozenset({"seq_length"})),
    "rl/nemo_rl/dpo": Known(
        closed=False,
        unpacked=_NEMO_RL_SECTIONS | {"dpo"},
        path_datasets=_PATH_DATASETS,
        own_datasets=_OWN_DATASETS,
        source="_runners/nemo_rl.py",
    ),
    "rl/nemo_rl/rlhf": _GRPO,
    "rl/nemo_rl/rlvr": _GRPO,
    "sdg/data_designer": Known(
        closed=True,
        open_under=frozenset({"models", "columns", "providers"}),
        paid=True,
        required=(Required("columns"), Required("output_path"), Required("num_records")),
        unpacked=frozenset({"seed_dataset", "output_projection"}),
        source="sdg/data_designer/step.py",
    ),
    "sft/automodel": _AUTOMODEL,
    "sft/megatron_bridge": _MEGATRON._replace(
        unpacked=_MEGATRON.unpacked | {"peft", "dataset.packed_sequence_specs"},
        unread=frozenset({"seq_length"}),
    ),
    "translate/nemo_curator": Known(
        closed=True,
        open_under=frozenset({"generation_config", "faith_eval.generation_config", "nmt", "google", "aws"}),
        paid=True,
        free_when=(("backend", ("nmt",)), ("faith_eval.enabled", (False, None))),
        required=(
            Required("input_path"),
            Required("output_dir"),
            Required("source_language"),
            Required("target_language"),
            Required("server.model", when=(_LLM,)),
            Required("server.model", instead=("faith_eval.model_name",), when=(_FAITH,)),
        ),
        unpacked=frozenset({"server", "faith_eval", "nmt", "google", "aws", "generation_config"}),
        language_keys=frozenset({"source_language", "target_language"}),
        dry_run_keys=frozenset({"dry_run"}),
        source="translate/nemo_curator/step.py",
    ),
}


def of(step_id: str) -> Known:
    """What is known about a step's runner."""
    return BY_STEP.get(step_id, NEUTRAL)
