"""Forty whole answers: twenty that are right, in nine languages and many styles, and twenty with one fault each."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest

from nemolint.linter.checker import Checker
from nemolint.linter.diagnostic import Diagnostic
from nemolint.linter.loader import load_rules
from nemolint.settings import Settings

RULES = load_rules()
ENV = '[slurm_sft]\nexecutor = "slurm"\nnodes = 2\ngpus_per_node = 8\naccount = "a"\npartition = "p"\n'


class Answer(NamedTuple):
    """A question, its answer, and the rule that reports what stands in `⟦…⟧`."""

    name: str
    prompt: str
    text: str
    rule: str = ""
    env: bool = False


GOOD = [
    Answer(
        "bare-command",
        "Translate /data/news/*.jsonl from English to Hindi into /data/hi with backend=llm, the model "
        "nvidia/nemotron-9b "
        "at https://integrate.api.nvidia.com/v1, text_field=text. Just the command.",
        """
        ```bash
        uv run nemotron steps run translate/nemo_curator \\
          'input_path=/data/news/*.jsonl' output_dir=/data/hi source_language=en target_language=hi \\
          backend=llm text_field=text server.url=https://integrate.api.nvidia.com/v1 \\
          server.model=nvidia/nemotron-9b server.api_key_env=NVIDIA_API_KEY
        ```
        """,
    ),
    Answer(
        "bare-command-de",
        "Übersetze /data/de.jsonl von Deutsch nach Englisch, Ausgabe /data/en, Modell nvidia/nemotron-9b. Nur den "
        "Befehl.",
        """
        ```bash
        uv run nemotron steps run translate/nemo_curator input_path=/data/de.jsonl output_dir=/data/en \\
          source_language=de target_language=en server.model=nvidia/nemotron-9b
        ```
        """,
    ),
    Answer(
        "bare-command-zh",
        "把 /data/zh.jsonl 从中文翻译成英语，输出到 /data/en，模型 nvidia/nemotron-9b。只要命令。",
        """
        ```bash
        nemotron steps run translate/nemo_curator input_path=/data/zh.jsonl output_dir=/data/en \\
          source_language=zh target_language=en server.model=nvidia/nemotron-9b
        ```
        """,
    ),
    Answer(
        "bare-command-hi",
        "/data/en.jsonl को अंग्रेज़ी से हिंदी में बदलना है, /data/hi में लिखना है, मॉडल nvidia/nemotron-9b। केवल कमांड दीजिए।",
        """
        ```bash
        uv run nemotron steps run translate/nemo_curator input_path=/data/en.jsonl output_dir=/data/hi \\
          source_language=en target_language=hi server.model=nvidia/nemotron-9b
        ```
        """,
    ),
    Answer(
        "callouts-en",
        "How would I translate my English corpus /data/en.jsonl to French?",
        """
        **Reference\u2011grounded.** `translate/nemo_curator` does this. It calls a hosted model, so load
        `NVIDIA_API_KEY` from your secret manager; its value belongs neither into the command nor into a config.

        ```bash
        uv run nemotron steps run translate/nemo_curator --dry-run \\
          input_path=/data/en.jsonl output_dir=/data/fr source_language=en target_language=fr \\
          faith_eval.enabled=false server.model=nvidia/nemotron-9b server.api_key_env=NVIDIA_API_KEY
        ```

        The model is my choice: tell me if you serve another one.
        """,
    ),
    Answer(
        "callouts-de",
        "Wie übersetze ich /data/en.jsonl von Englisch nach Französisch?",
        """
        Der Schritt `translate/nemo_curator` macht das (Reference-grounded, nicht ausgeführt).

        ```bash
        uv run nemotron steps run translate/nemo_curator --dry-run \\
          input_path=/data/en.jsonl output_dir=/data/fr source_language=en target_language=fr \\
          faith_eval.enabled=false server.model=nvidia/nemotron-9b server.api_key_env=NVIDIA_API_KEY
        ```

        Der Dienst liest den Schlüssel aus `NVIDIA_API_KEY`. Exportieren Sie ihn vorher in der Shell und schreiben Sie
        den Wert nie in den Befehl.
        """,
    ),
    Answer(
        "callouts-fr",
        "Comment traduire /data/en.jsonl de l'anglais vers le français ?",
        """
        L'étape est `translate/nemo_curator` — niveau : Repo-grounded, le manifeste a été lu.

        Avant de lancer, définissez la clé dans l'environnement (`export NVIDIA_API_KEY=…`), jamais dans la commande.

        ```bash
        uv run nemotron steps run translate/nemo_curator --dry-run \\
          input_path=/data/en.jsonl output_dir=/data/fr source_language=en target_language=fr \\
          faith_eval.enabled=false server.model=nvidia/nemotron-9b
        ```
        """,
    ),
    Answer(
        "callouts-es",
        "¿Cómo evalúo un endpoint que ya existe con MMLU?",
        """
        Con `eval/model_eval` y la configuración `tiny_chat`, que no despliega nada. **Repo-grounded**.

        ```bash
        uv run nemotron steps run eval/model_eval -c tiny_chat --dry-run \\
          target.api_endpoint.url="$EVAL_URL" target.api_endpoint.model_id="$EVAL_MODEL" \\
          target.api_endpoint.api_key_name=NVIDIA_API_KEY
        ```

        Antes hay que exportar `NVIDIA_API_KEY` en el entorno; el valor no se escribe en el comando.
        """,
    ),
    Answer(
        "callouts-ja",
        "/data/en.jsonl を英語からフランス語に翻訳するにはどうすればいいですか?",
        """
        ステップは `translate/nemo_curator` です（Reference-grounded、未実行）。

        ```bash
        uv run nemotron steps run translate/nemo_curator --dry-run \\
          input_path=/data/en.jsonl output_dir=/data/fr source_language=en target_language=fr \\
          faith_eval.enabled=false server.model=nvidia/nemotron-9b server.api_key_env=NVIDIA_API_KEY
        ```

        実行前に `NVIDIA_API_KEY` を環境変数として export してください。値はコマンドに書かないでください。
        """,
    ),
    Answer(
        "launch-confirmed-ru",
        "Как запустить sft/automodel с -c tiny на двух узлах?",
        """
        Уровень: Repo-grounded, манифест и конфигурация прочитаны. Сначала пробный запуск, он ничего не стартует:

        ```bash
        uv run nemotron steps run sft/automodel -c tiny --dry-run --batch slurm_sft
        ```

        Профиль `slurm_sft` описан в `env.toml`. Запуск займёт 16 GPU, поэтому я дам команду без `--dry-run` только
        после вашего подтверждения.
        """,
        env=True,
    ),
    Answer(
        "launch-confirmed-pt",
        "Como eu treino com sft/automodel no cluster?",
        """
        1. Primeiro o dry run, com o perfil `slurm_sft` do `env.toml` (Repo-grounded):

           ```bash
           uv run nemotron steps run sft/automodel -c tiny --dry-run --batch slurm_sft
           ```

        2. Depois, só se você confirmar, porque o job usa 16 GPUs:

           ```bash
           uv run nemotron steps run sft/automodel -c tiny --batch slurm_sft
           ```
        """,
        env=True,
    ),
    Answer(
        "blocked",
        "Submit sft/automodel to Slurm. There is no env.toml here.",
        """
        **Blocked**: a remote run needs a profile of an env TOML, and there is none. Write one first and review it:

        ```bash
        uv run nemotron steps run env/env_toml -c slurm output_path=env.slurm.toml
        ```

        Locally only this is possible, and it launches nothing:

        ```bash
        uv run nemotron steps run sft/automodel -c tiny --dry-run
        ```
        """,
    ),
    Answer(
        "blocked-zh",
        "我没有 env.toml，怎么把 sft/automodel 提交到集群？",
        """
        **Blocked**：没有环境配置文件，所以不能给出远程命令。请先生成并检查：

        ```bash
        uv run nemotron steps run env/env_toml -c slurm output_path=env.slurm.toml
        ```

        在此之前，本地只能做不会启动任何任务的 dry run：

        ```bash
        uv run nemotron steps run sft/automodel -c tiny --dry-run
        ```
        """,
    ),
    Answer(
        "verified",
        "Does the tiny config of curate/nemo_curator compile for '/raw/*.jsonl'?",
        """
        Yes. **Verified**: I ran the command below, and the dry run exited with 0 and printed the compiled config.

        ```bash
        uv run nemotron steps run curate/nemo_curator -c tiny --dry-run 'input_glob=/raw/*.jsonl' output_dir=/out/clean
        ```
        """,
    ),
    Answer(
        "shape",
        "What is the command for merging a LoRA adapter?",
        """
        Shape (Reference-grounded), to be completed:

        ```bash
        uv run nemotron steps run convert/merge_lora -c default --dry-run \\
          'lora_checkpoint=<adapter>' 'base_hf_path=<base-model>' 'output_hf_path=<merged-model>'
        ```

        I still need three values from you: the adapter's folder, the base model, and where the merged model goes.
        """,
    ),
    Answer(
        "shape-de",
        "Wie mische ich einen LoRA-Adapter in das Basismodell?",
        """
        Form des Befehls (Reference-grounded):

        ```bash
        uv run nemotron steps run convert/merge_lora -c default --dry-run \\
          'lora_checkpoint=<adapter>' 'base_hf_path=<base-model>' 'output_hf_path=<merged-model>'
        ```

        Ich brauche noch drei Angaben: den Ordner des Adapters, das Basismodell und den Zielordner.
        """,
    ),
    Answer(
        "order",
        "Chat JSONL, Megatron-Bridge: which steps in which order?",
        """
        Pack first, then train; both only compile here (Repo-grounded).

        ```bash
        uv run nemotron steps run data_prep/sft_packing -c tiny --dry-run
        uv run nemotron steps run sft/megatron_bridge -c tiny --dry-run
        ```
        """,
    ),
    Answer(
        "changed-on-purpose",
        "Tune the model on /data/chat.json with two GPUs.",
        """
        Repo-grounded. `peft/automodel` reads JSONL, so I use `/data/chat.jsonl` instead of `/data/chat.json`:
        convert the file first, one record a line.

        ```bash
        uv run nemotron steps run peft/automodel -c tiny --dry-run dataset.path_or_dataset_id=/data/chat.jsonl
        ```
        """,
    ),
    Answer(
        "list-and-table",
        "Which step cleans a corpus, and with which keys?",
        """
        | key | value |
        |---|---|
        | `input_glob` | the raw files |
        | `output_dir` | the cleaned ones |

        > Source tier: repo grounded

        * the command:

          ```console
          $ uv run nemotron steps run curate/nemo_curator -c tiny -d 'input_glob=/raw/**/*.jsonl' output_dir=/clean
          ```
        """,
    ),
    Answer(
        "language-not-read",
        "Nitafsiri vipi faili /data/en.jsonl kutoka Kiingereza hadi Kihindi kwa kutumia hatua hii ya katalogi?",
        """
        Tumia amri hii, na uhakikishe kwamba `NVIDIA_API_KEY` iko katika mazingira yako kabla ya kuanza kazi hii.

        ```bash
        uv run nemotron steps run translate/nemo_curator --dry-run \\
          input_path=/data/en.jsonl output_dir=/data/hi source_language=en target_language=hi \\
          faith_eval.enabled=false server.model=nvidia/nemotron-9b
        ```
        """,
    ),
]

_KEY = "Export `NVIDIA_API_KEY` first, never inline its value."
_TRANSLATE = (
    "uv run nemotron steps run translate/nemo_curator --dry-run faith_eval.enabled=false server.model=nvidia/n-9b"
)
_ASKED = "Translate /data/en.jsonl from English to Hindi into /data/hi with the model nvidia/n-9b. How?"

BAD = [
    Answer(
        "simplified-glob",
        "Translate /data/news/*.jsonl from English to Hindi.",
        f"""
        Repo-grounded. {_KEY}

        ```bash
        {_TRANSLATE} \\
          input_path=⟦/data/news⟧ output_dir=/data/hi source_language=en target_language=hi
        ```
        """,
        "simplified-glob",
    ),
    Answer(
        "swapped-languages",
        _ASKED,
        f"""
        Repo-grounded. {_KEY}

        ```bash
        {_TRANSLATE} \\
          input_path=/data/en.jsonl output_dir=/data/hi source_language=⟦hi⟧ target_language=hi
        ```
        """,
        "altered-value",
    ),
    Answer(
        "output-over-input",
        "Überarbeite das Korpus unter /data/corpus: übersetze es von Deutsch nach Englisch. Wie geht das?",
        f"""
        Repo-grounded: Das Manifest ist gelesen. Exportieren Sie vorher `NVIDIA_API_KEY` in der Shell.

        ```bash
        {_TRANSLATE} \\
          input_path=/data/corpus output_dir=⟦/data/corpus⟧ source_language=de target_language=en
        ```
        """,
        "wrong-artifact",
    ),
    Answer(
        "training-before-packing",
        "Quels pas pour un SFT Megatron-Bridge sur du JSONL ?",
        """
        Voici les deux étapes, dans cet ordre (Repo-grounded, le manifeste a été lu) :

        ```bash
        uv run nemotron steps run ⟦sft/megatron_bridge⟧ -c tiny --dry-run
        uv run nemotron steps run data_prep/sft_packing -c tiny --dry-run
        ```
        """,
        "misordered-steps",
    ),
    Answer(
        "no-tier",
        _ASKED,
        f"""
        {_KEY}

        ```bash
        uv run nemotron steps run ⟦translate/nemo_curator⟧ --dry-run \\
          faith_eval.enabled=false server.model=nvidia/n-9b input_path=/data/en.jsonl output_dir=/data/hi \\
          source_language=en target_language=hi
        ```
        """,
        "missing-source-tier",
    ),
    Answer(
        "export-of-another-variable",
        "¿Cómo traduzco /data/en.jsonl del inglés al hindi?",
        """
        Nivel: Repo-grounded. Antes de empezar hay que exportar `HF_TOKEN` en el entorno.

        ```bash
        uv run nemotron steps run translate/nemo_curator --dry-run faith_eval.enabled=false server.model=nvidia/n-9b \\
          input_path=/data/en.jsonl output_dir=/data/hi source_language=en target_language=hi \\
          server.api_key_env=⟦NVIDIA_API_KEY⟧
        ```
        """,
        "unstated-export",
    ),
    Answer(
        "variable-not-named",
        "如何把 /data/en.jsonl 从英语翻译成印地语？",
        """
        步骤如下（Repo-grounded，已读取清单）。请先在环境中导出您的密钥。

        ```bash
        uv run nemotron steps run ⟦translate/nemo_curator⟧ --dry-run \\
          faith_eval.enabled=false server.model=nvidia/n-9b input_path=/data/en.jsonl output_dir=/data/hi \\
          source_language=en target_language=hi
        ```
        """,
        "unnamed-auth-variable",
    ),
    Answer(
        "launch-without-asking",
        "sft/automodel を実行するにはどうすればいいですか?",
        """
        まずドライランで設定を検査し、そのまま実行します（Repo-grounded）。プロファイル `slurm_sft` は
        `env.toml` にあります。

        ```bash
        uv run nemotron steps run sft/automodel -c tiny --dry-run --batch slurm_sft
        uv run nemotron steps run ⟦sft/automodel⟧ -c tiny --batch slurm_sft
        ```
        """,
        "unconfirmed-launch",
        env=True,
    ),
    Answer(
        "profile-without-source",
        "Start sft/automodel with -c tiny on the cluster, as a dry run first.",
        """
        Repo-grounded.

        ```bash
        uv run nemotron steps run sft/automodel -c tiny --dry-run --batch ⟦slurm_sft⟧
        ```
        """,
        "unstated-profile",
        env=True,
    ),
    Answer(
        "unknown-profile",
        "Start sft/automodel with -c tiny on the cluster, as a dry run first.",
        """
        Repo-grounded; the profile is one of `env.toml`.

        ```bash
        uv run nemotron steps run sft/automodel -c tiny --dry-run --batch ⟦slurm_big⟧
        ```
        """,
        "unknown-profile",
        env=True,
    ),
    Answer(
        "placeholder",
        "Merge my adapter into the base model, please.",
        """
        Repo-grounded. Run this:

        ```bash
        uv run nemotron steps run convert/merge_lora -c default --dry-run \\
          lora_checkpoint=⟦/path/to/adapter⟧ base_hf_path=/models/base output_hf_path=/models/merged
        ```
        """,
        "unfilled-placeholder",
    ),
    Answer(
        "key-of-another-framework",
        "Train a LoRA with a learning rate of 1e-5 on two GPUs.",
        """
        Repo-grounded, and nothing starts yet:

        ```bash
        uv run nemotron steps run peft/automodel -c tiny --dry-run ⟦optimizer.learning_rate⟧=1e-5
        ```
        """,
        "unknown-override",
    ),
    Answer(
        "misspelled-dry-run",
        "Compile sft/automodel with -c tiny.",
        """
        Repo-grounded. This compiles the config; confirm before anything else.

        ```bash
        uv run nemotron steps run sft/automodel -c tiny ⟦--dryrun⟧
        ```
        """,
        "misspelled-dry-run",
    ),
    Answer(
        "secret",
        _ASKED,
        f"""
        Repo-grounded. {_KEY}

        ```bash
        {_TRANSLATE} \\
          input_path=/data/en.jsonl output_dir=/data/hi source_language=en target_language=hi \\
          server.api_key=⟦$NVIDIA_API_KEY⟧
        ```
        """,
        "secret-on-command-line",
    ),
    Answer(
        "recipe",
        "Fine-tune on my chat data, please.",
        """
        Repo-grounded. Do a dry run of the step, then take the recipe.

        ```bash
        uv run nemotron steps run sft/automodel -c tiny --dry-run
        uv run ⟦nemotron super3⟧ sft --help
        ```
        """,
        "recipe-cli",
    ),
    Answer(
        "converter-without-config",
        "Convert /out/sft/iter_0001000 into /out/hf for nvidia/base-9b.",
        """
        Reference-grounded; please confirm before the conversion itself, which takes GPUs.

        ```bash
        uv run nemotron steps run ⟦convert/megatron_to_hf⟧ --dry-run megatron_path=/out/sft/iter_0001000 \\
          hf_path=/out/hf hf_model_id=nvidia/base-9b
        ```
        """,
        "converter-config",
    ),
    Answer(
        "unknown-task",
        "Evaluate my endpoint on MMLU.",
        f"""
        Repo-grounded. {_KEY}

        ```bash
        uv run nemotron steps run eval/model_eval -c tiny_chat --dry-run \\
          target.api_endpoint.url="$URL" target.api_endpoint.model_id="$MODEL" \\
          'evaluation.tasks=[{{name: ⟦mmlu_instrct⟧}}]'
        ```
        """,
        "unknown-eval-task",
    ),
    Answer(
        "faith-without-handoff",
        "इस कॉर्पस /data/en.jsonl को अंग्रेज़ी से हिंदी में कैसे बदलूँ? गुणवत्ता अंक भी चाहिए।",
        """
        चरण यह है (Repo-grounded)। चलाने से पहले `NVIDIA_API_KEY` को वातावरण में सेट कीजिए।

        ```bash
        uv run nemotron steps run ⟦translate/nemo_curator⟧ --dry-run faith_eval.enabled=true server.model=nvidia/n-9b \\
          input_path=/data/en.jsonl output_dir=/data/hi \\
          source_language=en target_language=hi
        ```
        """,
        "unstated-faith-handoff",
    ),
    Answer(
        "checkpoint-parent",
        "Export the Megatron run in /out/sft to Hugging Face in /out/hf; the base is nvidia/base-9b.",
        """
        Reference-grounded; please confirm before the conversion itself, which takes GPUs.

        ```bash
        uv run nemotron steps run convert/megatron_to_hf -c default --dry-run megatron_path=⟦/out/sft⟧ \\
          hf_path=/out/hf hf_model_id=nvidia/base-9b
        ```
        """,
        "checkpoint-parent",
    ),
    Answer(
        "unequal-lengths",
        "Which two commands pack my chat data and train with Megatron-Bridge?",
        """
        Repo-grounded; both only compile.

        ```bash
        uv run nemotron steps run data_prep/sft_packing -c tiny --dry-run pack_size=8192
        uv run nemotron steps run sft/megatron_bridge -c tiny --dry-run ⟦model.seq_length=2048⟧
        ```
        """,
        "misaligned-lengths",
    ),
]


def check(answer: Answer, text: str, folder: Path, nemotron: Path | None) -> list[Diagnostic]:
    """What fails the check of an answer in a folder with an env TOML, if it speaks of one."""
    if answer.env:
        (folder / "env.toml").write_text(ENV, "utf-8")
    checker = Checker(
        Settings(root=folder, nemotron=nemotron), cwd=folder, environ={}, prompt=answer.prompt, rules=RULES
    )
    found = checker.check(checker.read(folder / "x.answer.md", text.encode()))
    assert not checker.internal_errors
    return [item for item in found if item.severity != "info"]


def test_there_are_forty() -> None:
    """Twenty of each, no fault twice."""
    assert len(GOOD) == len(BAD) == 20
    assert len({answer.rule for answer in BAD}) == 20


@pytest.mark.parametrize("answer", GOOD, ids=lambda answer: answer.name)
def test_a_right_answer_has_no_warning(answer: Answer, tmp_path: Path, nemotron: Path | None) -> None:
    """In whatever language and style."""
    found = check(answer, dedent(answer.text).lstrip("\n"), tmp_path, nemotron)
    assert [(item.rule, item.line, item.message) for item in found] == []


@pytest.mark.parametrize("answer", BAD, ids=lambda answer: answer.name)
def test_a_fault_is_found_alone_and_at_its_place(answer: Answer, tmp_path: Path, nemotron: Path | None) -> None:
    """The right rule, the right characters, nothing else."""
    marked = dedent(answer.text).lstrip("\n")
    start, end = marked.index("⟦"), marked.index("⟧") - 1
    text = marked.replace("⟦", "").replace("⟧", "")
    found = check(answer, text, tmp_path, nemotron)
    assert [(item.rule, text[item.start : item.end]) for item in found] == [(answer.rule, text[start:end])], [
        (item.rule, item.message) for item in found
    ]
    assert found[0].start == start
