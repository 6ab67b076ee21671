"""Wrong keys of open schemas: what models write, and what a library may well read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from nemolint.linter.checker import Checker
from nemolint.linter.loader import load_rules
from nemolint.project import Project, known
from nemolint.project.likely_keys import LikelyKeys
from nemolint.project.model import Tree
from nemolint.settings import Settings

PROJECT = Project(None, cwd=Path("/"))
RULES = {"unknown-override": load_rules()["unknown-override"]}


def found(text: str, folder: Path) -> list[tuple[str, str]]:
    checker = Checker(Settings(root=folder), cwd=folder, environ={}, rules=RULES)
    return [(item.severity, item.message) for item in checker.check(checker.read(folder / "a.sh", text.encode()))]


@pytest.mark.parametrize(
    "step, key, meant",
    [
        ("peft/automodel", "peft.lora_alpha", "peft.alpha"),
        ("peft/automodel", "peft.lora_dropout", "peft.dropout"),
        ("peft/automodel", "lora.alpha", "peft.alpha"),
        ("peft/automodel", "lora.rank", "peft.dim"),
        ("peft/automodel", "peft.lora_rank", "peft.dim"),
        ("peft/automodel", "peft.lora_r", "peft.dim"),
        ("peft/automodel", "peft.peft_rank", "peft.dim"),
        ("peft/automodel", "lora.lora_rank", "peft.dim"),
        ("peft/automodel", "lora.lora_alpha", "peft.alpha"),
        ("peft/automodel", "checkpoint.dir", "checkpoint.checkpoint_dir"),
        ("eval/model_eval", "target.url", "target.api_endpoint.url"),
        ("eval/model_eval", "target.api_endpoint.model_name", "target.api_endpoint.model_id"),
        ("peft/megatron_bridge", "peft.rank", "peft.dim"),
        ("peft/megatron_bridge", "peft.r", "peft.dim"),
        ("peft/megatron_bridge", "peft.lora_rank", "peft.dim"),
        ("peft/megatron_bridge", "peft.lora_alpha", "peft.alpha"),
        ("peft/megatron_bridge", "peft.lora_dropout", "peft.dropout"),
        ("peft/megatron_bridge", "lora.rank", "peft.dim"),
        ("peft/megatron_bridge", "lora.dim", "peft.dim"),
        ("sft/automodel", "model.name", "model.pretrained_model_name_or_path"),
        ("sft/automodel", "model.model_name", "model.pretrained_model_name_or_path"),
        ("sft/automodel", "dataset.path", "dataset.path_or_dataset_id"),
        ("sft/automodel", "optimizer.learning_rate", "optimizer.lr"),
        ("sft/automodel", "optim.lr", "optimizer.lr"),
        ("sft/automodel", "optim.learning_rate", "optimizer.lr"),
        ("sft/automodel", "training.max_steps", "step_scheduler.max_steps"),
        ("sft/automodel", "trainer.global_batch_size", "step_scheduler.global_batch_size"),
        ("sft/automodel", "distributed.tensor_parallel_size", "distributed.tp_size"),
        ("sft/megatron_bridge", "model.tensor_parallel_size", "model.tensor_model_parallel_size"),
        ("sft/megatron_bridge", "training.train_iters", "train.train_iters"),
        ("sft/megatron_bridge", "train.max_iters", "train.train_iters"),
        ("sft/megatron_bridge", "train.num_iters", "train.train_iters"),
        ("pretrain/megatron_bridge", "train.max_steps", "train.train_iters"),
        ("peft/automodel", "train.max_iters", "step_scheduler.max_steps"),
        ("sft/automodel", "step_scheduler.train_iters", "step_scheduler.max_steps"),
        ("sft/automodel", "step_scheduler.num_steps", "step_scheduler.max_steps"),
        ("eval/model_eval", "target.api_endpoint.api_key_env", "target.api_endpoint.api_key_name"),
        ("eval/model_eval", "target.api_endpoint.model", "target.api_endpoint.model_id"),
        ("eval/model_eval", "evaluation.limit_samples", "evaluation.nemo_evaluator_config.config.params.limit_samples"),
        ("rl/nemo_rl/dpo", "policy.model", "policy.model_name"),
    ],
)
def test_a_key_that_models_write(step: str, key: str, meant: str, tmp_path: Path) -> None:
    """A warning names the key that the configs have."""
    ((severity, message),) = found(f"nemotron steps run {step} -d {key}=1\n", tmp_path)
    assert severity == "warning"
    assert f"`{meant}`" in message


# Keys that the libraries read, and that no config here holds.
_READ = {
    "automodel": "peft.target_modules peft.dropout_position peft.lora_dtype peft.use_dora peft.exclude_modules "
    "model.attn_implementation model.force_hf model.use_liger_kernel model.output_hidden_states optimizer.amsgrad "
    "optimizer.fused optimizer.foreach step_scheduler.num_epochs step_scheduler.log_remote_every_steps "
    "lr_scheduler.lr_warmup_steps lr_scheduler.lr_decay_steps lr_scheduler.wd_incr_style compile.enabled compile.mode "
    "compile.backend compile.dynamic fp8.enabled fp8.recipe_name freeze_config.freeze_embeddings profiling.enabled "
    "teacher_model.pretrained_model_name_or_path quantization.load_in_4bit autopipeline.pp_schedule dataset.split "
    "dataset.name dataset.limit_dataset_samples dataset.seq_length dataset.start_of_turn_token "
    "dataset.num_samples_limit "
    "dataloader.num_workers dataloader.pin_memory dataloader.batch_size distributed.dp_replicate_size "
    "distributed.defer_fsdp_grad_sync checkpoint.v4_compatible checkpoint.is_async checkpoint.restore_from "
    "packed_sequence.split_across_pack packed_sequence.max_packs rng.deterministic clip_grad_norm.max_norm "
    "tokenizer.trust_remote_code loss_fn.fp32_upcast wandb.mode wandb.tags mlflow.experiment_name",
    "megatron_bridge": "peft.lora_A_init_method peft.lora_B_init_method peft.lora_dtype peft.a2a_experimental "
    "peft.dropout_position peft.exclude_modules train.eval_iters train.eval_interval train.exit_interval "
    "train.manual_gc train.rampup_batch_size model.num_layers model.hidden_size model.ffn_hidden_size "
    "model.attention_backend "
    "model.recompute_modules model.moe_token_dispatcher_type model.virtual_pipeline_model_parallel_size "
    "model.apply_rope_fusion checkpoint.load checkpoint.ckpt_step checkpoint.async_save checkpoint.save_optim "
    "checkpoint.pretrained_checkpoint checkpoint.most_recent_k checkpoint.ckpt_format checkpoint.load_optim "
    "optimizer.min_lr optimizer.adam_beta1 optimizer.adam_beta2 optimizer.clip_grad "
    "optimizer.use_precision_aware_optimizer "
    "scheduler.lr_decay_iters scheduler.lr_decay_style scheduler.start_weight_decay ddp.overlap_grad_reduce "
    "ddp.use_distributed_optimizer logger.tensorboard_dir logger.log_throughput logger.wandb_save_dir "
    "dataset.num_workers "
    "dataset.random_seed rng.te_rng_tracker dist.distributed_backend profiling.use_nsys_profiler peft.target_modules "
    "peft.a2a_experimental comm_overlap.tp_comm_overlap mixed_precision.fp8_recipe",
    "nemo_rl": "policy.dynamic_batching.enabled policy.sequence_packing.enabled policy.max_grad_norm "
    "policy.make_sequence_length_divisible_by policy.dtensor_cfg.cpu_offload grpo.num_prompts_per_step "
    "grpo.overlong_filtering dpo.val_at_start dpo.sft_average_log_probs checkpointing.keep_top_k "
    "checkpointing.higher_is_better logger.mlflow_enabled logger.swanlab_enabled cluster.num_nodes data.shuffle "
    "data.num_workers env.math.num_workers loss_fn.ratio_clip_c",
}


@pytest.mark.parametrize("runner", _READ)
def test_a_key_that_a_library_reads(runner: str, tmp_path: Path) -> None:
    """Nothing is guessed of it, whatever it resembles."""
    steps = [step for step in PROJECT.steps.values() if known.family(PROJECT.runner(step)) == runner]
    assert steps
    wrong = {key: meant for key in _READ[runner].split() for step in steps if (meant := PROJECT.likely_keys(step, key))}
    assert wrong == {}


def test_configs_do_not_call_each_other_wrong() -> None:
    """A key of one config, judged by the others of its runner alone: one in a hundred is taken for another at most."""
    families: dict[str, list[dict[str, Tree]]] = {}
    for step in PROJECT.steps.values():
        trees = [dict(config.tree) for config in step.configs.values() if config.tree]
        families.setdefault(known.family(PROJECT.runner(step)), []).extend(trees)
    judged = wrong = 0
    for trees in families.values():
        for index, tree in enumerate(trees):
            others = LikelyKeys(trees[:index] + trees[index + 1 :])
            for key in _leaves(tree):
                judged += 1
                wrong += bool(others.meant(key))
    assert judged > 1000
    assert wrong * 100 < judged


def _leaves(tree: dict[str, Tree], above: str = "") -> list[str]:
    found = []
    for name, value in tree.items():
        key = f"{above}.{name}" if above else name
        found += _leaves(value, key) if isinstance(value, dict) else [key]
    return found


def test_other_code_may_read_other_keys(tmp_path: Path) -> None:
    """Where the run gives the mapping to another class, its keys are not known."""
    run = "nemotron steps run sft/automodel -d optimizer.learning_rate=1"
    assert found(run, tmp_path)
    assert not found(f"{run} optimizer._target_=team.Optimizer", tmp_path)
    assert not found(f"{run} 'optimizer={{learning_rate: 2}}'", tmp_path)
    assert not found(run.replace("-d", "-c /data/own.yaml -d"), tmp_path)


@given(st.text("ab_.", max_size=30), st.dictionaries(st.text("ab_", max_size=6), st.integers(), max_size=6))
def test_any_key(key: str, leaves: dict[str, int]) -> None:
    """Whatever a key is made of, an answer is a key of the configs, and never the key itself."""
    tree: dict[str, Tree] = {"a": {**leaves}, "a_b": {**leaves}}
    meant = LikelyKeys([tree]).meant(key)
    assert key not in meant
    assert all(name.partition(".")[2] in leaves for name in meant)
