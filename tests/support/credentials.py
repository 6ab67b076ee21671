"""Credentials that nobody was given: put together here, so that no file holds what looks like one."""

from __future__ import annotations

import base64
import random
import string
import zlib
from collections.abc import Set

BODY = "aB3dE5gH"
PLAIN = BODY * 3
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def random_body(seed: str, length: int, alphabet: str = string.ascii_letters + "23456789") -> str:
    """Characters that no word has in common with another value. Small letters and digits take turns, if it has both.

    Six digits in a row would stand in some time of a cache file, and six of base 16 in some digest.
    """
    source = random.Random(seed)
    digits = [char for char in alphabet if char.isdigit()]
    letters = [char for char in alphabet if "f" < char <= "z"]
    pick = source.choices(alphabet, k=length)
    turns = {0: letters, 4: digits}
    return "".join(source.choice(turns.get(at % 5) or [char]) for at, char in enumerate(pick))


def github(prefix: str = "ghp_", body: str = (BODY * 4)[:30], right: bool = True) -> str:
    """A token with GitHub's checksum, or with a wrong one."""
    number, digits = zlib.crc32(body.encode()) ^ (0 if right else 1), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return prefix + body + digits


def jwt(subject: str = "12345", signature: str = PLAIN) -> str:
    """A token of three parts whose first two decode to JSON objects."""
    parts = (b'{"alg":"HS256"}', f'{{"sub":"{subject}"}}'.encode())
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), signature])


def ngc() -> str:
    """The older NGC key: base64 of 26 characters, a colon and a UUID."""
    return base64.b64encode(
        ("abcdefghij0123456789klmnop" + ":" + "-".join(("1a2b3c4d", *["5e6f"] * 3, "0a1b2c3d4e5f"))).encode()
    ).decode()


FORMATS = {
    "nvidia": ("nvidia-nvapi", lambda: "nvapi-" + BODY * 8),
    "ngc": ("ngc-legacy", ngc),
    "hugging face": ("huggingface", lambda: "hf_" + "aBcDeFgHiJkLmNoPq" * 2),
    "wandb": ("wandb", lambda: "wandb_v1_" + (BODY * 10)[:77]),
    "openai": ("openai", lambda: "sk-proj-" + BODY * 3 + "T3Blbk" + "FJ" + BODY * 3),
    "openai, old": ("openai", lambda: "sk-" + BODY[:5] * 4 + "T3Blbk" + "FJ" + BODY[:5] * 4),
    "of many services": ("sk-api-key", lambda: "sk-" + "0a1b2c3d" * 4),
    "openrouter": ("openrouter", lambda: "sk-or-v1-" + "0a1b2c3d" * 8),
    "groq": ("groq", lambda: "gsk_" + (BODY * 7)[:52]),
    "xai": ("xai", lambda: "xai-" + BODY * 10),
    "perplexity": ("perplexity", lambda: "pplx-" + BODY * 6),
    "langsmith": ("langsmith", lambda: "lsv2_pt_" + "0a1b2c3d" * 4 + "_" + "0a1b2c3d4e"),
    "together": ("together", lambda: "tgp_v1_" + (BODY * 6)[:43]),
    "docker hub": ("docker-hub", lambda: "dckr_pat_" + (BODY * 4)[:27]),
    "azure": ("azure-openai", lambda: (BODY * 7)[:52] + "JQQJ" + "99BJ" + BODY * 3),
    "cerebras": ("cerebras", lambda: "csk-" + "a2b3c4d5" * 6),
    "databricks": ("databricks", lambda: "dapi" + "0a1b2c3d" * 4),
    "gemini": ("google", lambda: "AQ.Ab8" + BODY * 6),
    "npm": ("npm", lambda: "npm_" + (BODY * 5)[:36]),
    "pinecone": ("pinecone", lambda: "pcsk_" + BODY[:6] + "_" + (BODY * 8)[:63]),
    "pypi": ("pypi", lambda: "pypi-AgE" + "IcHlwaS5vcmc" + BODY * 10),
    "replicate": ("replicate", lambda: "r8_" + (BODY * 5)[:37]),
    "runpod": ("runpod", lambda: "rpa_" + (BODY * 6)[:46].upper()),
    "vault": ("vault", lambda: "hvs." + BODY * 12),
    "artifactory, reference": ("artifactory", lambda: "cmVmdGtu" + "OjAxOj" + BODY * 6),
    "gitlab, registration": ("gitlab", lambda: "GR1348941" + (BODY * 3)[:20]),
    "age": ("age", lambda: "AGE-SECRET" + "-KEY-1" + ("QPZRY9X8GF2TVDW0" * 4)[:58]),
    "artifactory": ("artifactory", lambda: "AKC" + "p8" + (BODY * 9)[:68]),
    "anthropic": ("anthropic", lambda: "sk-ant-api03-" + BODY * 11),
    "aws": ("aws-access-key-id", lambda: "AK" + "IA" + "Q7ZK2W" + "B4M9XN3T5C"),
    "google": ("google", lambda: "AI" + "za" + (BODY * 5)[:35]),
    "github": ("github", github),
    "github, app": ("github", lambda: github("ghs_")),
    "github, fine-grained": ("github", lambda: "github_pat_" + (BODY * 3)[:22] + "_" + (BODY * 8)[:59]),
    "gitlab": ("gitlab", lambda: "glpat-" + (BODY * 3)[:20]),
    "gitlab, runner": ("gitlab", lambda: "glrt-" + (BODY * 3)[:20]),
    "gitlab, deploy": ("gitlab", lambda: "gldt-" + (BODY * 3)[:20]),
    "slack": ("slack", lambda: "xox" + "b-" + "123456789012-" * 2 + BODY * 3),
    "jwt": ("jwt", jwt),
    "pem": (
        "private-key",
        lambda: "-----BEGIN RSA PRIVATE" + " KEY-----\n" + "MIIE" + BODY * 8 + "\n-----END RSA PRIVATE" + " KEY-----",
    ),
}


# Credentials that only what stands around them tells: label, what goes before, the value, what goes behind.
CONTEXTS = {
    "storage": ("azure-storage", "AccountName=a;AccountKey=", lambda: BODY * 10 + "aB3dE5" + "==", ";X=y"),
    "signature": ("azure-sas", "https://a.example/c?sv=1&sig=", lambda: BODY * 5 + "aB3" + "%3D", "&x=1"),
    "webhook": (
        "slack",
        "https://hooks.slack.com/services/",
        lambda: "T0AB1CD2E/B0AB1CD2E/" + (BODY * 3)[:24],
        " x",
    ),
    "docker": (
        "docker-auth",
        '{"auths": {"h": {"auth": "',
        lambda: base64.b64encode(f"me:{PLAIN}".encode()).decode(),
        '"}}}',
    ),
    "kaggle": ("kaggle", '{"username":"me","key":"', lambda: "0a1b2c3d" * 4, '"}'),
    "wandb": ("wandb", '[wandb]\nproject = "p"\napi_key = "', lambda: "0a1b2c3d4e" * 4, '"'),
    "netrc": ("wandb", "machine api.wandb.ai\n  login user\n  password ", lambda: "0a1b2c3d4e" * 4, "\n"),
}


def windows(value: str) -> Set[str]:
    """Each run of six characters: as many as no output may show of a secret."""
    return {value[at : at + 6] for at in range(len(value) - 5)}


def shown_of(text: str, *values: str) -> list[str]:
    """The runs of six characters of secret values that a text holds."""
    grams = windows(text)
    return sorted(window for value in values for window in windows(value) & grams)
