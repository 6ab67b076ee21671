"""Which credentials other scanners know by their shape, of the services used in this field, and nemolint does not.

Off unless it is asked for: `pytest tests/test_scanner_rules.py --scanner-rules FOLDER`, where the folder has their rule
files (`gitleaks.toml`, `betterleaks.toml`). Their patterns are only asked what they match; none is copied.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator
from pathlib import Path
from re import _constants as code, _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest
import tomli

from nemolint.secrets import find_formats

# Words in the name of a rule: services that give out credentials to those who train, serve and evaluate models.
_FIELD = """
    age anthropic artifactory aws azure brave cerebras cohere comet cursor databricks deepgram deepseek
    digitalocean docker dockerhub doppler elevenlabs fireworks gcp gemini github gitlab google groq hashicorp
    huggingface jfrog jina jwt kaggle kimi langchain langfuse langsmith lightning minimax mistral modal
    moonshot neptune npm nvidia ollama openai openrouter perplexity pinecone private pypi replicate runpod
    sambanova scale slack snowflake tailscale tavily together vault voyage wandb weights xai
"""
FIELD = frozenset(_FIELD.split())
# Rules whose shape is left to the name that a value stands under, and why.
LEFT_OUT = {
    **dict.fromkeys(
        ("github-app-token", "github-oauth", "github-pat", "github-refresh-token"), "a sample has no right checksum"
    ),
    **dict.fromkeys(("artifactory-reference-token", "jwt"), "what a sample decodes to is not what a token does"),
    **dict.fromkeys(
        ("github-fine-grained-pat", "private-key", "slack-webhook-url"), "a sample lacks the parts of a real one"
    ),
    "azure-ad-client-secret": "a tilde in 40 characters is no shape of its own",
    "gitlab-feed-token": "reads a feed",
    "gitlab-incoming-mail-token": "an address to send mail to",
    **dict.fromkeys(
        (
            "artifactory-jfrog-url",
            "snowflake-account-host.1",
            "gcp-service-account",
            "shopify-private-app-access-token",
        ),
        "no credential, or of no service of the field",
    ),
    **dict.fromkeys(
        ("slack-app-token", "slack-config-access-token", "slack-legacy-token"), "a sample is far too short"
    ),
    **dict.fromkeys(
        (
            *("aws-amazon-bedrock-api-key-long-lived", "aws-amazon-bedrock-api-key-short-lived"),
            *("azure-servicebus-connection-string", "brave-search-api-key", "digitalocean-access-token"),
            *("digitalocean-pat", "digitalocean-refresh-token", "docker-swarm-join-token", "docker-swarm-unlock-key"),
            *("doppler-api-token", "gcp-application-default-credentials", "gitlab-session-cookie"),
            *("hashicorp-tf-api-token", "minimax-api-key", "tailscale-api-key.1"),
        ),
        "no part of a job of this kind; found under the name of its variable",
    ),
}
_SAMPLES = 12
_ALPHABET = string.ascii_letters + string.digits


def _rules(folder: Path) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Name and pattern of each rule about a service of the field."""
    for file in sorted(folder.glob("*.toml")):
        for rule in tomli.loads(file.read_text("utf-8")).get("rules", []):
            if FIELD & set(rule["id"].split("-")) and rule.get("regex"):
                # What RE2 writes in another way.
                written = rule["regex"].replace(r"\z", r"\Z").replace("[[:alnum:]]", "[A-Za-z0-9]")
                written = re.sub(r"(?<!^)\(\?(i|s)\)", "", written)
                try:
                    yield rule["id"], re.compile(written)
                except re.error:
                    continue


def _sample(tree: Any, source: random.Random) -> str:
    """A text that a parsed pattern matches, letters and digits where it has a choice."""
    parts = []
    for kind, value in tree:
        if kind is code.LITERAL:
            parts.append(chr(value))
        elif kind is code.IN:
            allowed = [char for char in _ALPHABET + "-_+/=." if _in(ord(char), value)]
            best = [char for char in allowed if char.isalnum()] or allowed
            parts.append(source.choice(best) if best else " ")
        elif kind is code.BRANCH:
            parts.append(_sample(source.choice(value[1]), source))
        elif kind in (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT):
            least, most, inner = value
            wanted = least if least else min(int(most), 1)
            parts += [_sample(inner, source) for _ in range(max(wanted, min(int(most), 40) if least > 1 else wanted))]
        elif kind is code.SUBPATTERN:
            parts.append(_sample(value[3], source))
        elif kind in (code.ANY, code.NOT_LITERAL):
            parts.append(source.choice(_ALPHABET))
    return "".join(parts)


def _in(point: int, items: Any) -> bool:
    negated = bool(items) and items[0][0] is code.NEGATE
    for kind, value in items:
        if kind is code.LITERAL and value == point:
            return not negated
        if kind is code.RANGE and value[0] <= point <= value[1]:
            return not negated
        if kind is code.CATEGORY:
            char = chr(point)
            if value is code.CATEGORY_DIGIT and char.isdigit():
                return not negated
            if value is code.CATEGORY_WORD and (char.isalnum() or char == "_"):
                return not negated
    return negated


def test_formats_of_other_scanners(request: pytest.FixtureRequest) -> None:
    """Each format that others tell by its shape, of a service of the field, is one of ours, or has a reason."""
    folder = request.config.getoption("--scanner-rules")
    if not folder:
        pytest.skip("--scanner-rules names no folder of rules")
    asked: set[str] = set()
    lacking: dict[str, str] = {}
    for name, pattern in _rules(Path(folder)):
        tree = parser.parse(pattern.pattern)
        for number in range(_SAMPLES):
            match = pattern.search(f" {_sample(tree, random.Random(f'{name} {number}'))} ")
            if match is None:
                continue
            value = next((group for group in match.groups() if group), match.group())
            if pattern.search(f" {value} ") is None:
                continue  # recognised by its name, not by its shape
            asked.add(name)
            if find_formats(f" {value} "):
                lacking.pop(name, None)
                break
            lacking[name] = f"{value[:12]}… ({len(value)} characters)"
    assert len(asked) > 20, "no rules were read"
    unknown = {name: shape for name, shape in lacking.items() if name not in LEFT_OUT}
    assert unknown == {}, "\n".join(f"{name}: {shape}" for name, shape in sorted(unknown.items()))
