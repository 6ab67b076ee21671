"""Secrets and their look-alikes in the places where a training or evaluation job keeps them: `tests/data`.

In a text `@kind@` stands for a value of that kind, made at run time, so that no file holds what looks like a
credential. Each one in `secrets.txt` is a secret at its very characters; none in `lookalikes.txt` is.
`@a:kind@@b:kind@` are the two halves of one value.
"""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from support.containers import notebook
from support.credentials import github, jwt, random_body

_DATA = Path(__file__).parents[1] / "data"
_LOWER = string.ascii_lowercase
_HEX = "0123456789abcdef"
_ALNUM = string.ascii_letters + string.digits


def _hex(seed: str, length: int) -> str:
    return "".join(random.Random(seed).choices(_HEX, k=length))


def _base64(seed: str, size: int) -> str:
    return base64.b64encode(random.Random(seed).randbytes(size)).decode()


def _ngc(seed: str) -> str:
    digits = _hex(seed, 32)
    uuid = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return base64.b64encode(f"{random_body(seed, 26, _LOWER + '23456789')}:{uuid}".encode()).decode()


def _docker(seed: str) -> str:
    return base64.b64encode(f"$oauthtoken:{random_body(seed, 30)}".encode()).decode()


def _docker_config(seed: str) -> str:
    return base64.b64encode(json.dumps({"auths": {"nvcr.io": {"auth": _docker(seed)}}}).encode()).decode()


def _docker_login(password: str) -> str:
    login = {"username": "$oauthtoken", "password": password}
    return base64.b64encode(json.dumps({"auths": {"nvcr.io": login}}).encode()).decode()


def _age(seed: str) -> str:
    return "AGE-SECRET" + "-KEY-1" + "".join(random.Random(seed).choices("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", k=58))


def _capitals(seed: str) -> str:
    """Capitals and digits by turns, as in a short code."""
    source = random.Random(seed)
    return "".join(source.choice("BCDFGHJLMNQRTVWXZ") + source.choice("23456789") for _ in range(6))


def _pem(seed: str) -> str:
    lines = "\n".join(random_body(f"{seed}{line}", 64) for line in range(3))
    return f"-----BEGIN PRIVATE{' '}KEY-----\n{lines}\n-----END PRIVATE{' '}KEY-----"


# What a value looks like, and how many of its first characters say only of which kind it is.
KINDS: Mapping[str, Callable[[str], str]] = {
    "plain": lambda seed: random_body(seed, 26),
    "short": lambda seed: random_body(seed, 12),
    "nvidia": lambda seed: "nvapi" + "-" + random_body(seed, 64),
    "ngc": _ngc,
    "hf": lambda seed: "hf" + "_" + random_body(seed, 34, string.ascii_letters),
    "capitals": lambda seed: "F" + _capitals(seed),
    "hex32": lambda seed: _hex(seed, 32),
    "hex40": lambda seed: _hex(seed, 40),
    "wandb": lambda seed: "wandb" + "_v1_" + random_body(seed, 77),
    "openai": lambda seed: "sk" + "-proj-" + random_body(seed, 60),
    "deepseek": lambda seed: "sk" + "-" + _hex(seed, 32),
    "openrouter": lambda seed: "sk" + "-or-v1-" + _hex(seed, 64),
    "anthropic": lambda seed: "sk" + "-ant-api03-" + random_body(seed, 93) + "AA",
    "groq": lambda seed: "gsk" + "_" + random_body(seed, 52),
    "xai": lambda seed: "xai" + "-" + random_body(seed, 80),
    "perplexity": lambda seed: "pplx" + "-" + random_body(seed, 48),
    "langsmith": lambda seed: "lsv2" + "_pt_" + _hex(seed, 32) + "_" + _hex(f"{seed}b", 10),
    "dockerhub": lambda seed: "dckr" + "_pat_" + random_body(seed, 27),
    "together": lambda seed: "tgp" + "_v1_" + random_body(seed, 43),
    "azure": lambda seed: random_body(seed, 52) + "JQQJ" + "99BJ" + random_body(f"{seed}b", 24),
    "storage": lambda seed: _base64(seed, 64),
    "sas": lambda seed: _base64(seed, 32).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
    "age": _age,
    "artifactory": lambda seed: "AKC" + "p8" + random_body(seed, 68),
    "glpat": lambda seed: "glpat" + "-" + random_body(seed, 20),
    "glrt": lambda seed: "glrt" + "-" + random_body(seed, 20),
    "gldt": lambda seed: "gldt" + "-" + random_body(seed, 20),
    "github": lambda seed: github(body=random_body(seed, 30)),
    "slack": lambda seed: "xox" + "b-" + random_body(seed, 40),
    "webhook": lambda seed: (
        "T"
        + random_body(seed, 9).upper()
        + "/B"
        + random_body(f"{seed}b", 9).upper()
        + "/"
        + random_body(f"{seed}c", 24)
    ),
    "jwt": lambda seed: jwt(random_body(f"{seed}p", 20), random_body(seed, 43)),
    "aws": lambda seed: "AK" + "IA" + random_body(seed, 16, string.ascii_uppercase + "234567").upper(),
    "aws-secret": lambda seed: _base64(seed, 30),
    "google": lambda seed: "AI" + "za" + random_body(seed, 35),
    "docker": _docker,
    "docker-config": _docker_config,
    "docker-config-password": lambda seed: _docker_login(random_body(seed, 30)),
    "docker-config-gap": lambda seed: _docker_login("<key of NGC>"),
    "basic": lambda seed: base64.b64encode(f"me:{random_body(seed, 18)}".encode()).decode(),
    "b64": lambda seed: base64.b64encode(random_body(seed, 24).encode()).decode(),
    "b64-hf": lambda seed: base64.b64encode(KINDS["hf"](seed).encode()).decode(),
    "pem": _pem,
    # Of look-alikes.
    "b64-placeholder": lambda seed: base64.b64encode(b"your-api-key-here").decode(),
    "b64-user": lambda seed: base64.b64encode(b"user:password").decode(),
    "sealed": lambda seed: "Ag" + _base64(seed, 150),
    "fingerprint": lambda seed: _hex(seed, 40).upper(),
    "uuid": lambda seed: "-".join(_hex(f"{seed}{n}", size) for n, size in enumerate((8, 4, 4, 4, 12))),
    "digest": lambda seed: _hex(seed, 64),
    "fingerprint-ssh": lambda seed: _base64(seed, 32)[:43],
    "encrypted": lambda seed: (
        f"ENC[AES256_GCM,data:{_base64(seed, 30)},iv:{_base64(seed, 32)},tag:{_base64(seed, 16)},type:str]"
    ),
}
_MARK = re.compile(r"@(?:(?P<half>[ab]):)?(?P<kind>[a-z][a-z0-9\-]*)@")


class Planted(NamedTuple):
    """A file that holds secrets, `places` saying where; none of them in a look-alike."""

    name: str
    path: str
    text: str
    places: tuple[tuple[int, int], ...]
    values: tuple[str, ...]


def plant(name: str, path: str, form: str) -> Planted:
    """The text of a form, with values of its own."""
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    values: list[str] = []
    at = size = 0
    for number, match in enumerate(_MARK.finditer(form)):
        half = match["half"]
        value = KINDS[match["kind"]](f"{name} {number - (half == 'b')}")
        written = value if half is None else value[: len(value) // 2] if half == "a" else value[len(value) // 2 :]
        parts += (form[at : match.start()], written)
        size += match.start() - at
        if half == "b":
            places[-1] = (places[-1][0], size + len(written))
        else:
            places.append((size, size + len(written)))
            values.append(value)
        size += len(written)
        at = match.end()
    return Planted(name, path, "".join((*parts, form[at:])), tuple(places), tuple(values))


def _planted(file: str) -> list[Planted]:
    """The entries of a data file: `=== PATH`, and the form of the text. That of a notebook is the source of a cell."""
    found = []
    for number, entry in enumerate(re.split(r"^=== ", (_DATA / file).read_text("utf-8"), flags=re.MULTILINE)[1:]):
        path, _, form = entry.partition("\n")
        text = notebook(form.splitlines(keepends=True)) if path.endswith(".ipynb") else form
        found.append(plant(f"{number} {path}: {form.strip()[:60]}", path, text))
    return found


def secrets() -> list[Planted]:
    """Texts whose places are secrets, all of them."""
    return _planted("secrets.txt")


def lookalikes() -> list[Planted]:
    """Texts without a secret, though some look as if. Their places say where what looks most like one stands."""
    return _planted("lookalikes.txt")
