"""What a question gives comes back unchanged: which changes are found, and what is no change."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from nemolint.analysis import languages
from nemolint.analysis.answers import given_values, questions
from nemolint.project import Project
from nemolint.reader import read_document
from support.sizes import many

PROJECT = Project(None, cwd=Path("/"))
STEP = "nemotron steps run"


def changed(prompt: str, command: str, prose: str = "") -> list[tuple[str, str]]:
    """The question's values that the command has changed, with what stands in their place."""
    text = f"{prose}\n\n```bash\n{STEP} {command}\n```\n"
    document = read_document("x.answer.md", text.encode(), prompt=prompt)
    return [
        (item.given, item.value.text)
        for run in document.runs
        if run.role == "command"
        for item in given_values.changed(run, PROJECT)
    ]


TRANSLATE = "translate/nemo_curator -d"


@pytest.mark.parametrize(
    "prompt, command, given_value",
    [
        ("Use text_field=body.", f"{TRANSLATE} text_field=text", "body"),
        ("Dry-run `nemotron steps run translate text_field=body`.", f"{TRANSLATE} text_field=text", "body"),
        ("`nemotron steps run x -d a=b` fails.\nUse text_field=body.", f"{TRANSLATE} text_field=text", "body"),
        ("It fails with an error. Use text_field=body.", f"{TRANSLATE} text_field=text", "body"),
        (
            "Read /data/news/train.jsonl. Why is it slow?",
            f"{TRANSLATE} input_path=/data/news/train.json",
            "/data/news/train.jsonl",
        ),
        ("The translation from English to Hindi fails.", f"{TRANSLATE} target_language=de", "hi"),
        ("Its records have the field `body`.", f"{TRANSLATE} text_field=text", "body"),
        ("Das Feld heißt body.", f"{TRANSLATE} text_field=text", "body"),
        ("It goes to /out/hindi please.", f"{TRANSLATE} output_dir=/out/hind1", "/out/hindi"),
        ("Tune the model a/b-8b.", "peft/automodel -d model.pretrained_model_name_or_path=c/d-9b", "a/b-8b"),
        ("source_language=en target_language=hi", f"{TRANSLATE} source_language=en target_language=de", "hi"),
        ("Read /data/news/train.jsonl.", f"{TRANSLATE} input_path=/data/news/train.json", "/data/news/train.jsonl"),
        (
            "Read /data/news/train.jsonl.",
            f"{TRANSLATE} input_path=/workspace/news/train.jsonl",
            "/data/news/train.jsonl",
        ),
        ("Read /mnt/lustre/news.jsonl.", f"{TRANSLATE} input_path=/news.jsonl", "/mnt/lustre/news.jsonl"),
        ("Read /data/news/train.jsonl.", f"{TRANSLATE} input_path=/data/news", "/data/news/train.jsonl"),
        ("Read /data/2023/*.jsonl.", f"{TRANSLATE} 'input_path=/data/2024/*.jsonl'", "/data/2023/*.jsonl"),
        ("Read /data/a/*.jsonl.", f"{TRANSLATE} 'input_path=/data/a/*.json'", "/data/a/*.jsonl"),
        ("The server URL is https://a.b/v1.", f"{TRANSLATE} server.url=https://c.d/v1", "https://a.b/v1"),
        ("Call https://api.team.com/v1.", f"{TRANSLATE} server.url=http://api.team.com/v1", "https://api.team.com/v1"),
        ("Clean /d/in/*.jsonl into /d/out.", f"{TRANSLATE} 'input_path=/d/in/*.jsonl' output_dir=/d/in", "/d/out"),
        ("/d/**/*.jsonl -> /out/a", "curate/nemo_curator -d 'input_glob=/d/**/*.jsonl' output_dir=/d/", "/out/a"),
        ("Use nvidia/model-8b.", f"{TRANSLATE} server.model=nvidia/model-9b", "nvidia/model-8b"),
        ("The key is in TEAM_API_KEY.", f"{TRANSLATE} server.api_key_env=NVIDIA_API_KEY", "TEAM_API_KEY"),
        (
            "Convert iter_0002000 of my run.",
            "convert/megatron_to_hf -c default -d megatron_path=/out/iter_0000200",
            "iter_0002000",
        ),
        ("Make 500 records.", "sdg/data_designer -c tiny -d num_records=5", "500"),
        ("Use a pack size of 8192.", "data_prep/sft_packing -c default -d pack_size=4096", "8192"),
        ("pack_size: 8k", "data_prep/sft_packing -c default -d pack_size=4096", "8k"),
        ("Train for 200 steps.", "peft/automodel -c default -d step_scheduler.max_steps=20", "200"),
        ("max steps: 200", "peft/automodel -c default -d step_scheduler.max_steps=20", "200"),
        ("LoRA with rank 8.", "peft/automodel -c tiny -d peft.dim=16", "8"),
        ("8 as the LoRA rank, please.", "peft/automodel -c tiny -d peft.dim=16", "8"),
        ("The rank should be set to 8.", "peft/automodel -c tiny -d peft.dim=16", "8"),
        ("LoRA, Rang 8, bitte.", "peft/automodel -c tiny -d peft.dim=16", "8"),
        ("LoRA 秩设为 8。", "peft/automodel -c tiny -d peft.dim=16", "8"),
        ("ランクは 8 にしてください。", "peft/automodel -c tiny -d peft.dim=16", "8"),
        ("A learning rate of 2e-5.", "peft/automodel -c tiny -d optimizer.lr=1e-4", "2e-5"),
        ("Train for 300 iterations.", "sft/megatron_bridge -c tiny -d train.train_iters=30", "300"),
        ("300 training steps.", "peft/automodel -c tiny -d step_scheduler.max_steps=30", "300"),
        ("训练 300 步。", "peft/automodel -c tiny -d step_scheduler.max_steps=30", "300"),
        ("Make me 500 synthetic chat records.", "sdg/data_designer -c tiny -d num_records=50", "500"),
        ("The number of records should be 500.", "sdg/data_designer -c tiny -d num_records=50", "500"),
        ("500 Datensätze erzeugen.", "sdg/data_designer -c tiny -d num_records=50", "500"),
        ("生成 500 条数据", "sdg/data_designer -c tiny -d num_records=50", "500"),
        ("pack size (in tokens): 8192", "data_prep/sft_packing -c default -d pack_size=4096", "8192"),
        ("A batch size of 64.", "peft/automodel -c tiny -d step_scheduler.global_batch_size=32", "64"),
        ("Run it with -c tiny.", "sft/automodel -c default -d", "tiny"),
        (
            "Evaluate m at https://llm.corp.example/v1.",
            f"{TRANSLATE} server.url=https://a.b/v1",
            "https://llm.corp.example/v1",
        ),
        ("Call http://10.0.0.7:8000/v1.", f"{TRANSLATE} server.url=https://a.b/v1", "http://10.0.0.7:8000/v1"),
        ("服务地址 https://a.example.com/llm。", f"{TRANSLATE} server.url=https://c.d/v1", "https://a.example.com/llm"),
        ("把字段 body 翻译。", f"{TRANSLATE} text_field=text", "body"),
        ("字段名为 `body`。", f"{TRANSLATE} text_field=text", "body"),
        ("フィールドは body です。", f"{TRANSLATE} text_field=text", "body"),
        ("필드는 body 입니다.", f"{TRANSLATE} text_field=text", "body"),
        ("Trường là body.", f"{TRANSLATE} text_field=text", "body"),
        ("Submit with --batch slurm_a.", "sft/automodel -c tiny -d --batch slurm_b", "slurm_a"),
        ("backend=llm please", f"{TRANSLATE} backend=nmt", "llm"),
        ("From English to Hindi.", f"{TRANSLATE} source_language=en target_language=mr", "hi"),
        ("en -> hi", f"{TRANSLATE} source_language=hi target_language=hi", "en"),
    ],
)
def test_a_changed_value(prompt: str, command: str, given_value: str) -> None:
    """Another value in the very place of the question's."""
    assert [old for old, _ in changed(prompt, command)] == [given_value]


@pytest.mark.parametrize(
    "prompt, command",
    [
        ("Use text_field=body.", f"{TRANSLATE} 'text_field=\"body\"'"),
        ("Read /data/news/.", f"{TRANSLATE} input_path=/data/news"),
        ("Read ./data/a.jsonl.", f"{TRANSLATE} input_path=data/a.jsonl"),
        ("Read /data/news/*.jsonl.", f"{TRANSLATE} input_path=/data/news"),
        ("Read /data/news.", f"{TRANSLATE} 'input_path=/data/news/*.jsonl'"),
        ("Read /data/a.jsonl.", f'{TRANSLATE} input_path="$INPUT"'),
        ("Read /data/a.jsonl.", f"{TRANSLATE} input_path=/data/b/other.jsonl"),
        ("Read /data/train.jsonl and /data/valid.jsonl.", "peft/automodel -d dataset.dataset_root=/data/x"),
        ("Write to /out/hi. The input is /data/en.", f"{TRANSLATE} input_path=/data/en output_dir=/out/hi"),
        ("See https://docs.nvidia.com/nemo/x for it.", f"{TRANSLATE} server.url=https://a.b/v1"),
        ("Either nvidia/a-8b or nvidia/b-8b.", f"{TRANSLATE} server.model=nvidia/c-9b"),
        ("With the dataset a/chat-200k.", "peft/automodel -d model.pretrained_model_name_or_path=c/d-9b"),
        ("Mind the input/output of the model.", f"{TRANSLATE} server.model=c/d-9b"),
        ("Use peft/automodel.", "sft/automodel -c tiny -d"),
        ("Not `sft/automodel` but LoRA.", "peft/automodel -c tiny -d"),
        ("My TEAM_API_KEY and OTHER_API_KEY are set.", f"{TRANSLATE} server.api_key_env=NVIDIA_API_KEY"),
        ("A pack size of 8k, please.", "data_prep/sft_packing -c default -d pack_size=8192"),
        ("1.000 records, please.", "sdg/data_designer -c tiny -d num_records=1000"),
        ("Explain in 3 steps how to train.", "peft/automodel -c default -d step_scheduler.max_steps=20"),
        ("As in step 2 of the guide.", "peft/automodel -c default -d step_scheduler.max_steps=20"),
        ("GPU node 3 is down.", "sft/automodel -c tiny -d run.env.nodes=2"),
        ("It ranks 3rd; we ranked 40 models.", "peft/automodel -c tiny -d peft.dim=16"),
        ("Rank 8 or rank 16?", "peft/automodel -c tiny -d peft.dim=32"),
        ("A local batch size of 2.", "peft/automodel -c tiny -d step_scheduler.global_batch_size=32"),
        ("We have 8,000 chat records.", "sdg/data_designer -c tiny -d num_records=100"),
        ("Explain it in 3 short steps.", "peft/automodel -c tiny -d step_scheduler.max_steps=20"),
        ("分 3 步说明。", "peft/automodel -c tiny -d step_scheduler.max_steps=20"),
        ("Rank 8 for the LoRA.", "peft/automodel -c tiny -d peft.dim=8"),
        ("The docs are at https://docs.nvidia.com/nim/v1/x.", f"{TRANSLATE} server.url=https://a.b/v1"),
        ("See https://example.com for it.", f"{TRANSLATE} server.url=https://a.b/v1"),
        ("フィールドは JSONL にあります。", f"{TRANSLATE} text_field=text"),
        ("哪个字段会被翻译？", f"{TRANSLATE} text_field=text"),
        ("Read /path/to/news.jsonl.", f"{TRANSLATE} input_path=/data/news.jsonl"),
        ("Read <input>/news.jsonl or $DATA/news.jsonl.", f"{TRANSLATE} input_path=/data/news.jsonl"),
        ("`nemotron steps run translate/nemo_curator text_field=txt` fails. Why?", f"{TRANSLATE} text_field=text"),
        (
            "I get an error from\n\nnemotron steps run translate/nemo_curator \\\n  text_field=txt \\\n  backend=nmt\n",
            f"{TRANSLATE} text_field=text backend=llm",
        ),
        ("Submit sft/automodel with -c tiny.", "env/env_toml -c slurm"),
        ("Use -c tiny. Then -c default.", "sft/automodel -c tiny -d"),
        ("backend=llm or backend=nmt", f"{TRANSLATE} backend=nmt"),
        ("It is /lustre/a/train.jsonl, mounted as /work/data.", f"{TRANSLATE} input_path=/work/data/train.jsonl"),
        ("We have 8 nodes.", "sft/automodel -c tiny -d run.env.nodes=2"),
        ("Make 1,000 records.", "sdg/data_designer -c tiny -d num_records=1000"),
        ("Make 1k records.", "sdg/data_designer -c tiny -d num_records=1000"),
        ("From English to Hindi.", f"{TRANSLATE} source_language=en target_language=hi"),
        ("From English to Hindi.", f"{TRANSLATE} source_language=English target_language=hi-IN"),
        ("My English news, Hindi news and Tamil news.", f"{TRANSLATE} source_language=hi target_language=en"),
        ("I have news in English, want Hindi.", f"{TRANSLATE} source_language=en target_language=hi"),
        ("Is it to be translated from the fields?", f"{TRANSLATE} source_language=en target_language=hi"),
        ("Polish the text from German to English.", f"{TRANSLATE} source_language=de target_language=en"),
        ("Which field and column are read?", f"{TRANSLATE} text_field=text"),
        ("", f"{TRANSLATE} text_field=text"),
        # The folder of the input, if no other is given, or it is.
        ("Clean /d/in/*.jsonl.", f"{TRANSLATE} 'input_path=/d/in/*.jsonl' output_dir=/d/in"),
        ("Clean /d/in/*.jsonl into /d/in, not /d/out.", f"{TRANSLATE} 'input_path=/d/in/*.jsonl' output_dir=/d/in"),
        ("Clean /d/in/*.jsonl; I have /d/a and /d/b.", f"{TRANSLATE} 'input_path=/d/in/*.jsonl' output_dir=/d/in"),
        ("Clean /d/in/*.jsonl into /d/out.", f"{TRANSLATE} 'input_path=/d/in/*.jsonl' output_dir=/d/in_clean"),
        # What the question says does not work.
        ("Why does `-c tiny.yaml` fail?", "peft/automodel -c tiny -d"),
        ("I pass -c tiny.yaml. Why is that wrong?", "peft/automodel -c tiny -d"),
        ("This is rejected:\n-c tiny.yaml", "peft/automodel -c tiny -d"),
        ("It fails with target_language=jp.", f"{TRANSLATE} target_language=ja"),
        ("source_language=en target_language=jp is an error", f"{TRANSLATE} source_language=en target_language=ja"),
        ("Warum schlägt text_field=bdy fehl?", f"{TRANSLATE} text_field=body"),
        ("为什么 target_language=jp 报错误？", f"{TRANSLATE} target_language=ja"),
        ("/data/news/trian.jsonl is not found, an error.", f"{TRANSLATE} input_path=/data/news/train.jsonl"),
        ("Why is nvidia/modle-8b invalid?", f"{TRANSLATE} server.model=nvidia/model-8b"),
    ],
)
def test_what_is_no_change(prompt: str, command: str) -> None:
    """The same value in another form, a value of its own, or one whose place nobody knows."""
    assert changed(prompt, command) == []


def test_a_change_that_the_answer_names() -> None:
    """The old value beside the new one says that it is meant."""
    prompt, command = "Read /data/news/train.json.", f"{TRANSLATE} input_path=/data/news/train.jsonl"
    assert changed(prompt, command)
    assert not changed(prompt, command, "I take `/data/news/train.jsonl`, since `/data/news/train.json` is no JSONL.")
    assert changed(prompt, command, "This reads `/data/news/train.json`.")
    far = "`/data/news/train.json` is read. " + "More words follow here. " * 40 + "`/data/news/train.jsonl`"
    assert changed(prompt, command, far)


def test_a_value_in_a_config_is_there() -> None:
    """A block that the answer writes counts as well as the command."""
    prose = "Write this:\n\n```yaml\ninput_path: /data/news/train.jsonl\n```"
    assert not changed("Read /data/news/train.jsonl.", f"{TRANSLATE} input_path=/data/x/train.jsonl", prose)


@pytest.mark.parametrize(
    "prompt, pair",
    [
        ("Translate it from English to Hindi.", ("en", "hi")),
        ("Translate English news into Hindi.", ("en", "hi")),
        ("Übersetze das von Englisch nach Hindi.", ("en", "hi")),
        ("Übersetze die englischen Texte ins Französische.", ("en", "fr")),
        ("Traduis de l'anglais vers le français.", ("en", "fr")),
        ("Traduce del inglés al español.", ("en", "es")),
        ("Traduci dall'inglese al tedesco.", ("en", "de")),
        ("Traduza do inglês para o alemão.", ("en", "de")),
        ("Przetłumacz z angielskiego na polski.", ("en", "pl")),
        ("Переведи с английского на русский.", ("en", "ru")),
        ("把语料从英语翻译成印地语。", ("en", "hi")),
        ("英語からヒンディー語に翻訳してください。", ("en", "hi")),
        ("영어에서 힌디어로 번역해 주세요.", ("en", "hi")),
        ("इसे अंग्रेज़ी से हिंदी में अनुवाद कीजिए।", ("en", "hi")),
        ("İngilizce'den Hintçe'ye çevir.", ("en", "hi")),
        ("English -> Japanese", ("en", "ja")),
        ("de -> en", ("de", "en")),
        ("Translate the news from English to Swedish.", ("en", "sv")),
        ("Übersetze vom Niederländischen ins Tschechische.", ("nl", "cs")),
        ("Traduis du suédois vers le finnois.", ("sv", "fi")),
        ("把语料从英语翻译成泰语。", ("en", "th")),
        ("en to uk", ("en", "uk")),
        ("given the id to sv", None),
        ("Translate English, which our partners in Thailand wrote.", None),
        ("translate it to hi", None),
        ("Translate English and Hindi.", None),
        ("From English to Hindi and Tamil, or German.", None),
    ],
)
def test_the_languages_of_a_translation(prompt: str, pair: tuple[str, str] | None) -> None:
    """From which language, and into which, in the words of many."""
    assert languages.translation(prompt) == pair


_NAMES = st.text("abcdefghij_", min_size=3, max_size=8)
_PATHS = st.lists(_NAMES, min_size=2, max_size=4).map(lambda parts: "/" + "/".join(parts) + ".jsonl")


@given(_PATHS, st.sampled_from(["", "'", '"']), st.sampled_from(["Read {}.", "My data: `{}`", "({}), please", "{}"]))
def test_a_value_that_is_passed_on_is_never_reported(path: str, quote: str, form: str) -> None:
    """However the question and the command write it."""
    assert changed(form.format(path), f"{TRANSLATE} {quote}input_path={path}{quote} output_dir=/o") == []


@given(_PATHS, st.integers(0, 30))
def test_a_path_with_a_letter_too_many_is_reported(path: str, at: int) -> None:
    """A small change anywhere in a path is found."""
    at = min(max(at, 1), len(path) - 6)
    wrong = f"{path[:at]}z{path[at:]}"
    assert changed(f"Read {path}.", f"{TRANSLATE} input_path={wrong} output_dir=/o") == [(path, wrong)]


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "/a",
        "a/",
        "a=",
        "1,",
        "field ",
        "en->",
        "from ",
        "https://",
        "`",
        "a.b-",
        "why steps run \\\n",
        "\\\n",
        "iter_1 ",
        "rank (",
        "rank is ",
        "1 a ",
        "1,",
        "字段",
        "1 条",
    ],
)
def test_hostile_questions(text: str) -> None:
    """A long question of anything is read."""
    prompt = f"fails {text * many(80_000 // len(text))} command"
    given_values.given(prompt)
    languages.of_text(prompt)
    questions.asks_only_for_command(prompt)
    assert changed(prompt, "data_prep/sft_packing -c tiny -d pack_size=4096 text_field=x output_dir=/a/b") == []
