"""The contract of redaction: no output holds six characters in a row of a secret's value."""

from __future__ import annotations

import html
import json
import re
import shlex
import string
from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st

from nemolint.document import Document
from nemolint.reader import read_document
from nemolint.secrets import MaskedText, Redactor, marker, mask_formats, notations
from support.credentials import windows
from support.sizes import many

NVAPI = "nvapi-" + "aB3dE5gH" * 8
RUN = "nemotron steps run translate/nemo_curator"

bodies = st.text(alphabet=string.ascii_letters + string.digits + "-_", min_size=64, max_size=64)
values = st.text(alphabet=string.ascii_letters + string.digits + "!#%&*+,-./:=?@^_~'\"\\ é{}", min_size=8, max_size=40)
texts = st.text(alphabet=string.printable, max_size=60)


def shown(value: str) -> list[str]:
    """A value as different outputs write it, whole and in parts, wrapped and inside other text."""
    forms = [value, json.dumps(value), repr(value), shlex.quote(value), quote(value), html.escape(value), value * 2]
    forms += [value[3:], value[:-3], value[2:9], f"x{value}y", f"--- a\n-api_key: {value}\n+api_key: x\n"]
    return [*forms, "\n".join(value[at : at + 20] for at in range(0, len(value), 20))]


def leaks(redactor: Redactor, value: str, text: str) -> list[str]:
    """The windows of a value that a masked text still holds, those of words such as `password` aside."""
    public = (
        windows("password") | windows("passwd") | windows("authorization") | windows("nemotron") | windows("nvidia")
    )
    public |= windows("api_key") | windows("credentials") | windows("secrets") | windows("tokens") | windows("bearer")
    masked = redactor.scrub(text)
    return [window for window in windows(value) if window in masked and window.lower() not in public]


@given(bodies, texts)
def test_known_format(body: str, around: str) -> None:
    """A credential of a known format is masked in every form, from any output, and in the file's own text."""
    document = read_document("a.sh", f"# nvapi-{body}\nls\n".encode())
    redactor = Redactor(document)
    if not redactor.secrets:
        return  # the body is a sample such as a run of x
    for text in shown(body):
        assert leaks(redactor, body, around + text) == []
    masked = redactor.mask(0, len(document.text)).text
    assert masked == f"# {marker('nvidia-nvapi')}\nls\n"


@given(values, texts)
def test_value_under_a_name(value: str, around: str) -> None:
    """So is a value under a secret's name."""
    document = read_document("a.yaml", f"server:\n  api_key: '{value.replace(chr(39), '')}'\n".encode())
    redactor = Redactor(document)
    for secret in redactor.secrets:
        if len(secret.value) < 8:
            continue
        for text in [around + form for form in shown(secret.value)]:
            assert leaks(redactor, secret.value, text) == []
            assert redactor.scrub(redactor.scrub(text)) == redactor.scrub(text)
        whole = redactor.mask(0, len(document.text)).text
        without = "server:\n  api_key: ''\n"
        assert not [window for window in windows(secret.value) if window in whole and window not in without]


@given(st.integers(0, 90), st.integers(0, 90))
def test_any_slice(start: int, end: int) -> None:
    """Whatever part of a line an excerpt shows, a secret that it cuts is masked, and offsets stay in the text."""
    document = read_document("a.sh", f"export NVIDIA_API_KEY={NVAPI}\n".encode())
    start, end = sorted((min(start, len(document.text)), min(end, len(document.text))))
    masked = Redactor(document).mask(start, end)
    assert not [window for window in windows(NVAPI[6:]) if window in masked.text]
    places = [masked.offset(at) for at in range(start, end + 1)]
    assert places == sorted(places) and places[0] >= 0 and places[-1] <= len(masked.text)


def test_offsets() -> None:
    """Carets under a masked value cover the mask, and what stands behind it moves with it."""
    text = f"A={NVAPI} B=1\n"
    masked = Redactor(Document("a.sh", text)).mask(0, len(text))
    first, last = masked.offset(2), masked.offset(2 + len(NVAPI), end=True)
    assert masked.text[first:last] == marker("nvidia-nvapi")
    after = text.index("B=1")
    assert masked.text[masked.offset(after) : masked.offset(after + 3, end=True)] == "B=1"


def test_ordinary_words_stay() -> None:
    """A weak value does not make messages unreadable: key names and the tool's own words are left."""
    document = read_document("a.sh", b"export DB_PASSWORD=password\nexport MY_PASSWORD=password1234x\n")
    redactor = Redactor(document)
    message = "`DB_PASSWORD` holds the password of nemotron: revoke it"
    assert redactor.scrub(message) == message
    assert "password1234x" not in redactor.scrub("got password1234x")


def test_short_values() -> None:
    """A short value is masked where it stands alone or behind its key, and nowhere else."""
    redactor = Redactor(read_document("a.sh", f"{RUN} server.password=hunter{2}\n".encode()))
    assert redactor.scrub("hunter2") == marker("password")
    assert redactor.scrub("run server.password=hunter2 x") == f"run server.password={marker('password')} x"
    assert redactor.scrub("two hunters") == "two hunters"


def test_everywhere_in_the_document() -> None:
    """A value that prose repeats outside its place is masked there, too."""
    value = "k7Qw" + "9zLm2X" * 3
    document = read_document("a.md", f"The key is {value}.\n\n```bash\nexport API_KEY={value}\n```\n".encode())
    assert value[:6] not in Redactor(document).mask(0, 40).text


def test_without_a_document() -> None:
    """Text that belongs to no document loses credentials of a known format."""
    assert mask_formats(f"ValueError: {NVAPI}") == f"ValueError: {marker('nvidia-nvapi')}"


def test_values_stay_out_of_repr() -> None:
    """What a traceback could print of a secret does not hold its value."""
    redactor = Redactor(read_document("a.sh", f"export NVIDIA_API_KEY={NVAPI}\n".encode()))
    assert NVAPI[6:12] not in f"{redactor!r}" and repr(redactor.secrets[0]).count("aB3dE5") <= repr(
        redactor.secrets[0].span
    ).count("aB3dE5")


def test_linear() -> None:
    """Masking a long text with many secrets takes time that grows with its length."""
    lines = "".join(f"export K{number}_TOKEN=aB3dE5gH{number:08d}zZ\n" for number in range(many(10_000)))
    document = read_document("a.sh", lines.encode())
    redactor = Redactor(document)
    redactor.mask(0, len(document.text))
    redactor.scrub("abcdefgh" * many(125_000))


@given(st.text("ab1 =:\"'\n", max_size=30), st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 40)), max_size=12))
def test_short_values_are_masked_behind_their_names(around: str, items: list[tuple[str, int]]) -> None:
    """However many short values a file has, each is masked behind its name, with any sign and quotes between."""
    named = {f"{letter}{number}_TOKEN": f"q{number}x{letter}" for letter, number in items}
    text = "".join(f"export {key}={value}\n" for key, value in named.items())
    redactor = Redactor(read_document("a.sh", f"{text}nemotron steps run a/b\n".encode()))
    keys = {secret.key: secret for secret in redactor.secrets}
    for key, secret in keys.items():
        for shown in (f"{key}={secret.value}", f'"{key}": "{secret.value}"', f"{key}  '{secret.value}'", secret.value):
            masked = redactor.scrub(f"{around} {shown}" if shown != secret.value else shown)
            assert re.search(rf"{re.escape(secret.value)}(?!\w)", masked.removeprefix(around)) is None
        assert f"{key}={secret.value}y" in redactor.scrub(f"{key}={secret.value}y")


def test_many_short_values_are_found_at_once() -> None:
    """Hundreds of short values leave no value in sight, and no other text out of it."""
    text = "".join(f"export T{at}_TOKEN=q{at}x\n" for at in range(100, 400))
    redactor = Redactor(read_document("a.sh", f"{text}nemotron steps run a/b\n".encode()))
    assert len(redactor.secrets) == 300
    masked = redactor.scrub("".join(f"T{at}_TOKEN=q{at}x and q{at}x, " for at in range(100, 400)))
    assert masked == "".join(f"T{at}_TOKEN=[REDACTED T{at}_TOKEN] and q{at}x, " for at in range(100, 400))


@given(st.lists(st.integers(0, 40), min_size=0, max_size=8, unique=True), st.integers(0, 5), st.booleans())
def test_offsets_of_a_masked_line(places: list[int], start: int, end: bool) -> None:
    """Where a place of the file is in the masked text: what a walk over all masks says."""
    places = sorted(place + start for place in places)
    masks = tuple((first, last, "x" * (first % 4)) for first, last in zip(places[::2], places[1::2], strict=False))
    masked = MaskedText("", start, start + 41, masks)
    for offset in range(start + 45):
        shift = 0
        expected = None
        for first, last, label in masks:
            length = len(marker(label))
            if offset < first or (offset == first and end):
                break
            if offset < last:
                expected = first - start + shift + (length if end and offset > first else 0)
                break
            shift += length - (last - first)
        if expected is None:
            expected = min(max(offset, start), start + 41) - start + shift
        assert masked.offset(offset, end=end) == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("python", 'token = get_secret("prod-db-7xq2")\n'),
        ("python", 'api_key = os.environ["NVIDIA_API_KEY_2"]\n'),
        ("python", 'key = getpass("NVIDIA API key: ").strip().lower()\n'),
        ("python", 'f("API_KEY", "OTHER_NAME_2")\n'),
        ("python", 'call(["--api-key", "--other-option2"])\n'),
        ("python", 'name = "model-7b-chat-v2" or "model-8b-chat-v3"\n'),
        ("python", 'A = "model-7b-chat"\nprint(f"a task-{A} {A}")\n'),
        ("shell", "echo $TOKEN | sha256sum\n"),
        ("shell", "echo model-7b-chat-v2 | tee log\n"),
        ("shell", "TOKEN=`/usr/bin/get-tok3n`\n"),
        ("markdown", "| step | model-7b-chat-v2 |\n|---|---|\n"),
        ("markdown", "The token is required by nemotron steps run sft/automodel.\n"),
        ("markdown", "<b>token</b> and <code>model-7b-chat-v2</code>\n"),
        ("yaml", "tokens:\n  - model-7b-chat-v2\ntokenizer: [model-7b-chat-v2]\n"),
    ],
)
def test_what_is_not_a_value_stays(kind: str, text: str) -> None:
    """Names, options, steps and other words near a secret's name stay readable."""
    redactor = Redactor(Document("a", text, kind=kind))
    assert redactor.mask(0, len(text)).text == text
    assert redactor.scrub(text) == text


@given(st.sampled_from("'\""), st.text("ab1\\'\"-", min_size=8, max_size=30), st.integers(1, 3))
def test_a_string_is_masked_to_its_end(quote: str, inside: str, parts: int) -> None:
    """Whatever quotes a literal of Python has inside, and in however many strings it stands, none of it is shown."""
    value = f"q7Zx{inside}9kW2mB"
    size = -(-len(value) // parts)
    pieces = [
        value[at : at + size].replace("\\", "\\\\").replace(quote, f"\\{quote}") for at in range(0, len(value), size)
    ]
    written = " ".join(f"{quote}{piece}{quote}" for piece in pieces)
    text = f"f(api_key={written})\n"
    shown = Redactor(Document("a.py", text, kind="python")).mask(0, len(text)).text
    assert not [window for window in windows(value) if window in shown]


_GIVEN = st.tuples(
    st.sampled_from(
        ["token", "API_KEYS", "tokenizer", "withToken", "x.with_token", "my-key", "keys", "-eTOKEN", "api key"]
    ),
    st.sampled_from(["=", ": ", "(", " is ", " ", " = [", '"] = ', "** | "]),
    st.sampled_from(['"abcd1234EFGH5678"', "x9Y8z7w6v5u4", "'q1W2e3r4T5y6')", "the", "$X"]),
).map("".join)


@given(st.lists(_GIVEN, max_size=3).map("\n".join), st.sampled_from(["markdown", "python", "shell"]))
def test_no_name_that_matters_is_passed_over(text: str, kind: str) -> None:
    """A text is spared the patterns of values only where none of its names is given one."""
    found = list(notations.named_values(text, kind))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notations, "_may_be_of_interest", lambda text, at: True)
        assert found == list(notations.named_values(text, kind))
