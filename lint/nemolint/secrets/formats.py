"""Credentials that their own shape gives away, wherever they stand.

Every format is found by a cheap substring test first and a bounded pattern after it, so that a text without credentials
costs a few scans of `in`. Offsets are code points.
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import lru_cache

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.secrets.beginnings import SHORTEST
from nemolint.secrets.names import COMMON_PASSWORDS, decoded, is_placeholder, is_reference
from nemolint.shell.literal import lowered, unquoted


class SecretMatch(NamedTuple):
    """A credential at `start:end` of a text. Up to `value_start` stands the fixed prefix that all of its kind share."""

    start: int
    end: int
    label: str
    value_start: int


# The variable by which each service's own tools take the credential.
VARIABLES = {
    "anthropic": "ANTHROPIC_API_KEY",
    "aws-access-key-id": "AWS_ACCESS_KEY_ID",
    "aws-secret-key": "AWS_SECRET_ACCESS_KEY",
    "azure-openai": "AZURE_OPENAI_API_KEY",
    "cerebras": "CEREBRAS_API_KEY",
    "databricks": "DATABRICKS_TOKEN",
    "github": "GITHUB_TOKEN",
    "gitlab": "GITLAB_TOKEN",
    "google": "GOOGLE_API_KEY",
    "groq": "GROQ_API_KEY",
    "huggingface": "HF_TOKEN",
    "kaggle": "KAGGLE_KEY",
    "langsmith": "LANGSMITH_API_KEY",
    "ngc-legacy": "NGC_API_KEY",
    "npm": "NPM_TOKEN",
    "nvidia-nvapi": "NVIDIA_API_KEY",
    "openai": "OPENAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "perplexity": "PERPLEXITY_API_KEY",
    "pinecone": "PINECONE_API_KEY",
    "replicate": "REPLICATE_API_TOKEN",
    "runpod": "RUNPOD_API_KEY",
    "together": "TOGETHER_API_KEY",
    "wandb": "WANDB_API_KEY",
    "xai": "XAI_API_KEY",
}

# A token begins where no word character stands before it, right behind `\n`, `\t`, … of a JSON or Python string, or
# behind an option of one letter, as in `-pTOKEN`.
_BEGIN = r"(?:(?<![A-Za-z0-9_])|(?<=\\[nrtbf])|(?<=(?<![\w\-])-[A-Za-z]))"
# The same where quotes are gone: one letter may be that of a string's prefix, or of an escape.
_BARE_BEGIN = r"(?<![A-Za-z0-9_]{2})"
_END = r"(?![A-Za-z0-9_\-])"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_X_RUN = lazily(r"[xX]{5}|([0*._\-])\1{7}")


def _is_sample(body: str) -> bool:
    """True for the body of a token that nobody could use: `your_key_here`, a run of x, `…EXAMPLE`."""
    small = body.lower()
    return (
        _X_RUN.search(body) is not None
        or "example" in small
        or "placeholder" in small
        or "your_" in small
        or "your-" in small
        or len(set(body)) == 1
    )


def _any(_: str) -> bool:
    return True


def _github(token: str) -> bool:
    """GitHub's own check: the last six characters are the CRC-32 of the rest, in base 62."""
    if token.startswith("github_pat_"):
        return True
    body = token[4:]
    number = zlib.crc32(body[:-6].encode())
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return body[-6:] == digits


_NGC_PLAIN = lazily(rb"[A-Za-z0-9]{26}:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z")


def _ngc(token: str) -> bool:
    from base64 import b64decode

    try:
        return _NGC_PLAIN.match(b64decode(token, validate=True)) is not None
    except ValueError:
        return False


def _jwt(token: str) -> bool:
    import json
    from base64 import urlsafe_b64decode

    header, payload, _ = token.split(".", 2)
    for part in (header, payload):
        try:
            decoded = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        except (ValueError, RecursionError):
            return False
        if not isinstance(decoded, dict):
            return False
    return True


def _openai(token: str) -> bool:
    return "T3BlbkFJ" in token or re.match(r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_\-]{40}", token) is not None


def _sk(token: str) -> bool:
    """Many services have keys of this form, DeepSeek's among them: whose it is, only its URL says."""
    body = token[3:]
    return body.isalnum() and any(map(str.isdigit, body)) and any(map(str.isalpha, body)) and not _openai(token)


def _has_digit(token: str) -> bool:
    return any(map(str.isdigit, token))


class _Format(NamedTuple):
    """A kind of credential. Each token begins with one of the `hints`.

    `bare` and `inside` find it where quotes are gone, and wherever it begins and however it goes on.
    """

    label: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    prefix: re.Pattern[str]
    bare: re.Pattern[str]
    inside: re.Pattern[str]
    valid: Callable[[str], bool] = _any


def _format(label: str, hints: str, prefix: str, body: str, valid: Callable[[str], bool] = _any) -> _Format:
    core = f"(?:{prefix}){body}"
    return _Format(
        label,
        tuple(hints.split()),
        lazily(f"{_BEGIN}{core}{_END}"),
        lazily(prefix),
        lazily(f"{_BARE_BEGIN}{core}"),
        lazily(core),
        valid,
    )


_FORMATS = (
    _format("nvidia-nvapi", "nvapi-", r"nvapi-", r"[A-Za-z0-9_\-]{60,70}+"),
    _format("huggingface", "hf_ api_org_", r"hf_|api_org_", r"[A-Za-z]{34}"),
    _format("wandb", "wandb_v1_", r"wandb_v1_", r"[A-Za-z0-9_\-]{77}"),
    _format("anthropic", "sk-ant-", r"sk-ant-(?:[a-z]{3,6}\d\d-)?", r"[A-Za-z0-9_\-]{32,256}+"),
    _format("openai", "sk-", r"sk-(?!ant-)(?:proj-|svcacct-|admin-)?", r"[A-Za-z0-9_\-]{32,256}+", valid=_openai),
    _format("openrouter", "sk-or-", r"sk-or-(?:v\d-)?", r"[A-Za-z0-9]{40,80}+", valid=_has_digit),
    _format("sk-api-key", "sk-", r"sk-", r"[A-Za-z0-9]{32,256}+", valid=_sk),
    _format("groq", "gsk_", r"gsk_", r"[A-Za-z0-9]{40,64}+", valid=_has_digit),
    _format("xai", "xai-", r"xai-", r"[A-Za-z0-9]{60,120}+", valid=_has_digit),
    _format("perplexity", "pplx-", r"pplx-", r"[A-Za-z0-9]{40,64}+", valid=_has_digit),
    _format("langsmith", "lsv2_", r"lsv2_(?:pt|sk)_", r"[0-9A-Fa-f]{32}_[0-9A-Fa-f]{10}"),
    _format("together", "tgp_v1_", r"tgp_v1_", r"[A-Za-z0-9_\-]{43}"),
    _format("docker-hub", "dckr_", r"dckr_[po]at_", r"[A-Za-z0-9_\-]{27,32}+", valid=_has_digit),
    _format("age", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1", r"[02-9AC-HJ-NP-Z]{58}"),
    _format("artifactory", "AKCp", r"AKCp", r"[A-Za-z0-9]{60,80}+"),
    _format("aws-access-key-id", "AKIA ASIA", r"A[KS]IA", r"[A-Z0-9]{16}"),
    _format("google", "AIza", r"AIza", r"[A-Za-z0-9_\-]{35}"),
    _format("github", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_", r"[A-Za-z0-9]{36}", valid=_github),
    _format("github", "github_pat_", r"github_pat_", r"[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    _format(
        "gitlab",
        "glpat- glrt- gldt- glptt- glcbt- gloas- glagent- glffct- glsoat- GR1348941",
        r"gl(?:pat|rt|dt|ptt|cbt|oas|agent|ffct|soat)-(?:t\d_)?|GR1348941",
        r"[A-Za-z0-9_\-]{20,300}+(?:\.[0-9a-z]{2}\.[0-9a-z]{7,9})?",
        valid=_has_digit,
    ),
    _format("cerebras", "csk-", r"csk-", r"[a-z0-9]{40,60}+", valid=_has_digit),
    _format("databricks", "dapi", r"dapi", r"[0-9a-f]{32}(?:-\d)?"),
    _format("google", "AQ.Ab8", r"AQ\.Ab8", r"[A-Za-z0-9_\-]{40,64}+", valid=_has_digit),
    _format("npm", "npm_", r"npm_", r"[A-Za-z0-9]{36}", valid=_has_digit),
    _format("pinecone", "pcsk_", r"pcsk_", r"[A-Za-z0-9_]{60,80}+", valid=_has_digit),
    _format("pypi", "pypi-AgE", r"pypi-AgE", r"[A-Za-z0-9_\-]{50,1000}+"),
    _format("replicate", "r8_", r"r8_", r"[A-Za-z0-9]{37}", valid=_has_digit),
    _format("runpod", "rpa_", r"rpa_", r"[A-Za-z0-9]{40,60}+", valid=_has_digit),
    _format("vault", "hvs. hvb.", r"hv[sb]\.", r"[A-Za-z0-9_\-]{24,300}+", valid=_has_digit),
    _format("artifactory", "cmVmdGtuOj", r"cmVmdGtuOj", r"[A-Za-z0-9]{50,80}+"),
    _format("slack", "xox", r"xox[a-z](?:\.xox[a-z])?-", r"[A-Za-z0-9\-]{20,300}+", valid=_has_digit),
    _format("slack", "xapp-", r"xapp-", r"[A-Za-z0-9\-]{30,300}+", valid=_has_digit),
    _format(
        "jwt",
        "eyJ",
        r"eyJ",
        r"[A-Za-z0-9_\-]{8,4096}+\.[A-Za-z0-9_\-]{8,65536}+\.[A-Za-z0-9_\-]{8,4096}+",
        valid=_jwt,
    ),
)

_NGC_LENGTH = 84
# One letter before it may be that of an option or of an escape: `-pKEY`, `\nKEY`. Decoding tells a key without doubt.
_NGC = lazily(rf"(?<![A-Za-z0-9+/])[A-Za-z]?(?P<key>[A-Za-z0-9+/]{{{_NGC_LENGTH}}})(?![A-Za-z0-9+/=])")
_WANDB_LENGTH = 40
_HEX_40 = lazily(r"(?:(?<![A-Za-z0-9_\-])|(?<=[ ]-[bv]))[0-9a-f]{40}(?![A-Za-z0-9_\-])")
# What may stand between a W&B name and its key: `WANDB_API_KEY=`, `wandb: {api_key: `, `wandb login --relogin `, …
_WANDB_BEFORE = lazily(
    r"""(?ix)
    (?: wandb [\w.\-\]\["'\ ]{0,20} (?:key|token) (?: \\?["'\]\)] ){0,3} \s*
        (?: [:=,]+ | \\?\n\s*(?:-\s*)?value\s*: | \s(?<=\s) )
        \s* (?: \\?["'({] ){0,2}
      | wandb [\w.\-]{0,20} key ["']? \s* (?: : \s* [\w.\[\]| ]{1,60} )? = \s*
        (?: [\w.]{1,30}\( \s* (?:default \s? = \s?)? )? \\?["']
      | wandb [\w.\-]{0,20} key ["']?
        (?: , [^()]{0,120} | \s* \{ [^{}]{0,160} | \s* : \s* \n [^:]{0,20} (?: : [^:\n]{0,80} \n [^:]{0,20} ){0,3} )
        \bdefault ["']? \s* [:=] \s* \\?["']?
      | secret \s+ set \s+ wandb [^\n|;&]{0,120}? \s (?: -b | --body ) [\s=]? ["']?
      | secret \s+ create \s [^\n|;&]{0,80}? wandb [^\n|;&]{0,80}? \s (?: -v | --value ) [\s=]? ["']?
      | wandb [:=\s{"'\]]{1,30} (?: ["']?[\w\-]{1,40}["']? \s* [:=] \s* [^,{}\n]{0,60} ,\s* ){0,5}
        ["']? (?:api_?)?key \\?["']? \s* [:=]+ \s* (?: \\?["'] )?
      | wandb["'],\s{0,80}["']login["'],\s{0,80} (?: ["']-[^"']{1,60}["'],\s{0,80} ){0,3} ["']
      | wandb\.login\( [^()]{0,120} key \s* = \s* \\?["']
      | wandb (?:\s+\S{1,40}){0,2}? \s+ login (?: [\s\\]+ -\S{1,60} (?: \s+ [^\s\-]\S{0,60} )?? ){0,3} [\s\\]+ ["']?
      | machine (?:\s|\\[nt])+ \S{0,60}wandb\S{0,60}? (?:\s|\\[nt])[^\0]{0,80}? password (?:\s|\\[nt])+ ["']?
    )\Z"""
)
# A key in its section, with other fields before it.
_KEY_IN_SECTION = lazily(
    r"(?:\A|\n)(?P<indent>[ \t>#]*)[\"']?(?:api_?)?key[\"']?\s{0,8}[:=]\s{0,8}[\"']?\Z", re.IGNORECASE
)
_SECTION = lazily(
    r"""(?mx) ^[ \t>\#]* \[+ [ ]* (?P<table> [^\[\]\n]{1,80}? ) [ ]* \]+ [ \t]*(?:\#[^\n]*)?$
    | ^ (?P<indent>[ \t>\#]*) ["']? (?P<mapping> [\w.\-]{1,80} ) ["']? [ ]* : [ \t]*(?:\#[^\n]*)?$"""
)
_LONGEST_SECTION = 1500
_AWS_SECRET = lazily(
    r"""(?ix) aws_?secret (?:_?access)? _?key (?:\\?["'\]])? \s*+ [:=,]* \s*+ (?:\\?["'])?
    ([A-Za-z0-9/+]{40}) (?![A-Za-z0-9/+=])"""
)
# Where a string ends and another one begins that code joins to it: `"a" "b"`, `"a" + f"b"`, over lines.
_SEAM = r"""(?P<quote>["'])(?:[\s+(),]|\\\r?\n|\#[^\n]{0,200}\n){0,80}[rbfuRBFU]{0,2}["']"""
_SEAMS = lazily(r"""["'](?:[\s+(),\\]{0,80}(?<=[\s+,])[rbfuRBFU]{0,2}["']|[ \t]{0,8}\#)""")
# What stands before the first of them where they are items of a list.
_JOIN = lazily(
    r"""(?x) (?: ["']{2}\.join\(\s{0,8}[(\[] | \bjoin\(\s{0,8}["']{2}\s{0,8},\s{0,8}[(\[]
    | ["'][^"'%\n]{0,40}(?:%s){2,}["']\s{0,8}%\s{0,8}\( | ["'](?:\{\d?\}){2,}["']\.format\( )
    \s{0,80}[rbfuRBFU]{0,2}["']\Z"""
)
_LONGEST_JOIN = 120
_TOKEN = r"[A-Za-z0-9_\-.+/]"
_SPLIT = lazily(rf"{_TOKEN}*+{_SEAM}{_TOKEN}")
_PIECE = lazily(rf"(?P<piece>{_TOKEN}*+)(?:{_SEAM}(?={_TOKEN}))?")
_MOST_PIECES = 20
# Services whose tokens are looked for in pieces, too.
_SPLIT_LABELS = frozenset(
    {"anthropic", "github", "gitlab", "groq", "huggingface", "nvidia-nvapi", "openai", "openrouter", "wandb", "xai"}
)
_PEM_BEGIN = lazily(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = lazily(r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = lazily(r"(?:[A-Za-z0-9+/=\s]|\\[nr])*+")
_USERINFO = lazily(r"""(?P<user>[^\s/@:"'<>`\\]{0,128}):(?P<password>[^\s/@"'<>`\\]{1,256})@(?=[\w\[{$%])""")
_SCHEME_END = lazily(r"[A-Za-z][A-Za-z0-9+.\-]*\Z")
# Without expansions (`$X`, `${X}`, `{{ x }}`, `%X%`) and glob or usage characters.
_LITERAL_PASSWORD = lazily(r"(?:[^${}\[\]*|%]|%[0-9A-Fa-f]{2}|\$(?![{(A-Za-z_]))+")


class _Contextual(NamedTuple):
    """A credential that only what stands around it tells: without `hint` there is none. Its group is the value."""

    label: str
    hint: str
    pattern: re.Pattern[str]
    valid: Callable[[str], bool] = _any


def _is_pair(value: str) -> bool:
    """True for base64 of `user:password` with a password that is one."""
    user, colon, password = decoded(value).partition(":")
    return bool(colon and password) and not _stands_in(user, password)


def _is_docker_config(value: str) -> bool:
    text = decoded(value)
    return any(_is_pair(match[1]) for match in _DOCKER_AUTH.finditer(text)) or any(
        not _stands_in("", match[1]) for match in _DOCKER_PASSWORD.finditer(text)
    )


# The keys of the emulators of Azure, which everybody knows.
_OF_EMULATORS = ("Eby8" + "vdM02xNOcqFl", "C2y6" + "yDjf5/R+ob0N")


def _is_account_key(value: str) -> bool:
    return not value.startswith(_OF_EMULATORS)


def _holds_token(value: str) -> bool:
    return bool(find_formats(decoded(value)))


def _is_conda(value: str) -> bool:
    return _has_digit(value) and not value.isdigit() and not _is_sample(value)


def _is_hook(value: str) -> bool:
    return _has_digit(value) and not _is_sample(value.rpartition("/")[2])


_DOCKER_AUTH = lazily(r"auth\\?[\"']\s{0,8}:\s{0,8}\\?[\"']([A-Za-z0-9+/]{18,1000}={0,2})\\?[\"']")
_DOCKER_PASSWORD = lazily(r"\"password\"\s{0,8}:\s{0,8}\"([^\"\\]{8,2000})\"")
_PAIR_BEHIND = r"[\"']?\s{0,8}[=:]\s{0,8}[\"']?([A-Za-z0-9+/]{12,1000}={0,2})(?![A-Za-z0-9+/=])"
_QUOTED_NAME = r"\\?[\"']\s{0,8}:\s{0,8}\\?[\"']"
_CONTEXTUAL = (
    _Contextual(
        "azure-openai",
        "JQQJ99",
        lazily(r"(?<![A-Za-z0-9])[A-Za-z]?([A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26})(?![A-Za-z0-9])"),
    ),
    _Contextual(
        "azure-storage",
        "Key=",
        lazily(r"(?<![A-Za-z])(?:Account|SharedAccess)Key=([A-Za-z0-9+/]{43,86}={1,2})(?![A-Za-z0-9+/=])"),
        _is_account_key,
    ),
    _Contextual("azure-sas", "sig=", lazily(r"(?<![A-Za-z0-9_])sig=((?:[A-Za-z0-9+/]|%2[BbFf]){43}(?:=|%3[Dd]))")),
    _Contextual(
        "slack",
        "hooks.slack.com/",
        lazily(r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Z0-9]{6,16}/[A-Z0-9]{6,16}/[A-Za-z0-9]{16,40})"),
        _is_hook,
    ),
    _Contextual(
        "conda",
        "/t/",
        lazily(
            r"https?://[\w.\-]{1,128}(?::\d{1,5})?(?:/[\w\-]{1,40}){0,3}/t/((?:[a-z]{2}-[0-9a-f]{8}-[0-9a-f\-]{27})|[A-Za-z0-9]{24,64})/"
        ),
        _is_conda,
    ),
    # What code decodes at once.
    *(
        _Contextual(
            "base64",
            f"{call}(",
            lazily(rf"{call}\(\s{{0,80}}[brf]{{0,2}}[\"']([A-Za-z0-9+/]{{16,8000}}={{0,2}})[\"']"),
            _holds_token,
        )
        for call in ("b64decode", "atob")
    ),
    _Contextual("docker-auth", "auth", _DOCKER_AUTH, _is_pair),
    _Contextual(
        "npm-auth",
        "_auth",
        lazily(rf"_auth(?<![A-Za-z0-9]_auth){_PAIR_BEHIND}"),
        _is_pair,
    ),
    _Contextual(
        "npm-auth",
        "npmAuthIdent",
        lazily(rf"npmAuthIdent(?<![A-Za-z0-9]npmAuthIdent){_PAIR_BEHIND}"),
        _is_pair,
    ),
    _Contextual(
        "docker-config",
        "dockerconfigjson",
        lazily(r"dockerconfigjson[\"']?\s{0,8}[:=]\s{0,8}[\"']?([A-Za-z0-9+/]{40,8000}={0,2})"),
        _is_docker_config,
    ),
    _Contextual(
        "docker-config",
        "dockercfg",
        lazily(r"dockercfg[\"']?\s{0,8}[:=]\s{0,8}[\"']?([A-Za-z0-9+/]{40,8000}={0,2})"),
        _is_docker_config,
    ),
    # An entry of a Secret of Kubernetes.
    _Contextual(
        "base64",
        "kind: Secret",
        lazily(r"(?m)^[ \t>]+[\w.\-]{1,128}:[ ]+[\"']?([A-Za-z0-9+/]{24,8000}={0,2})[\"']?[ \t\r]*$"),
        _holds_token,
    ),
    _Contextual(
        "kaggle",
        "username",
        lazily(
            rf"username{_QUOTED_NAME}[^\"'\\\n]{{1,80}}\\?[\"']\s{{0,8}},\s{{0,8}}\\?[\"']key{_QUOTED_NAME}([0-9a-f]{{32}})\b"
        ),
    ),
    _Contextual(
        "kaggle",
        "username",
        lazily(rf"[\"']key{_QUOTED_NAME}([0-9a-f]{{32}})\\?[\"']\s{{0,8}},\s{{0,8}}\\?[\"']username{_QUOTED_NAME}"),
    ),
)


def _in_context(text: str, joined: str) -> Iterator[SecretMatch]:
    """Credentials that what stands around them tells. `joined` is all words in which a value may stand."""
    for kind in _CONTEXTUAL:
        if joined and kind.hint in (joined if kind.hint[-1] in "=/9" else text):
            for match in kind.pattern.finditer(text):
                if kind.valid(match[1]):
                    yield SecretMatch(*match.span(1), kind.label, match.start(1))


class _Words(NamedTuple):
    """The words of a text that may hold a credential, and those of them that may hold a token: few in most texts."""

    long: list[str]
    tokens: str


@lru_cache(maxsize=4)
def _words(text: str) -> _Words:
    long = [word for word in text.split() if len(word) >= SHORTEST]
    # A token has a digit or a capital in it, but for those of Hugging Face, which are letters.
    return _Words(long, " ".join([word for word in long if not word.islower() or _TELLING.search(word) is not None]))


_TELLING = lazily(r"\d|hf_|api_org_")


def _tokens(text: str, joined: str) -> Iterator[SecretMatch]:
    for kind in _FORMATS:
        for hint in kind.hints:
            if hint not in joined:
                continue
            at = text.find(hint)
            while at >= 0:
                match = kind.pattern.match(text, at)
                if match is not None and (length := _prefix_length(kind, match.group())) is not None:
                    yield SecretMatch(at, match.end(), kind.label, at + length)
                at = text.find(hint, match.end() if match is not None else at + 1)


def _prefix_length(kind: _Format, token: str) -> int | None:
    """Length of the fixed prefix of a token, None where it is no credential."""
    prefix = kind.prefix.match(token)
    length = prefix.end() if prefix else 0
    return length if not _is_sample(token[length:]) and kind.valid(token) else None


# Beginnings that no other word has in it: these are tokens whatever letter stands before.
_DISTINCT = ("nvapi-", "wandb_v1_", "sk-ant-", "sk-proj-", "github_pat_", "glpat-", "AIza", "gh")
# What stands before a token and is no letter of a word: a character in the notation of a URL, of code, of a terminal.
_NOTATION = lazily(
    r"(?:%[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\[0-7]{3}|\\[a-z]|\x1b\[[\d;]*m|(?<!\w)-[A-Za-z]{1,3})\Z"
)
_TAIL = lazily(r"[A-Za-z0-9_\-]*+")


def _loose_tokens(text: str, joined: str, tails: bool) -> Iterator[SecretMatch]:
    """Tokens wherever they begin and, with `tails`, to the end of the word that they begin."""
    for kind in _FORMATS:
        for hint in kind.hints:
            at = text.find(hint) if hint in joined else -1
            while at >= 0:
                match = kind.inside.match(text, at) if _begins(text, at) else None
                end = at + 1 if match is None else match.end()
                if match is not None and (length := _prefix_length(kind, match.group())) is not None:
                    tail = _TAIL.match(text, match.end()) if tails else None
                    end = tail.end() if tail else match.end()
                    yield SecretMatch(at, end, kind.label, at + length)
                at = text.find(hint, end)


def _begins(text: str, at: int) -> bool:
    before = text[at - 1 : at]
    if not before.isalnum() and before != "_":
        return True
    return text.startswith(_DISTINCT, at) or _NOTATION.search(text[max(at - 12, 0) : at]) is not None


def _ngc_legacy(text: str, words: list[str]) -> Iterator[SecretMatch]:
    for match in _in_words(text, words, _NGC_LENGTH, _NGC):
        if _ngc(match["key"]):
            yield SecretMatch(match.start("key"), match.end(), "ngc-legacy", match.start("key"))


def _in_words(text: str, words: list[str], least: int, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """What a pattern finds in those of these words, which are in order, that have `least` characters and more."""
    at = 0
    for word in [word for word in words if len(word) >= least]:
        at = text.index(word, at)
        yield from pattern.finditer(text, at, at + len(word))
        at += len(word)


def _named(text: str, small: str, words: list[str]) -> Iterator[SecretMatch]:
    """Formats that only their name tells from a hash: W&B's 40 hex digits, AWS's 40 characters."""
    if "wandb" in small:
        for match in _in_words(text, words, _WANDB_LENGTH, _HEX_40):
            before = text[max(0, match.start() - 240) : match.start()]
            if len(set(match.group())) > 1 and (_WANDB_BEFORE.search(before) or _in_wandb(text, match.start())):
                yield SecretMatch(match.start(), match.end(), "wandb", match.start())
    if "secret" in small and "aws" in small:
        for match in _AWS_SECRET.finditer(text):
            if not _is_sample(match.group(1)):
                yield SecretMatch(match.start(1), match.end(1), "aws-secret-key", match.start(1))


def _in_wandb(text: str, start: int) -> bool:
    """True for the `api_key` of a table `[wandb]`, or of a mapping `wandb:`, whatever stands before it there."""
    before = text[max(0, start - _LONGEST_SECTION) : start]
    key = _KEY_IN_SECTION.search(before)
    if key is None:
        return False
    found = ""
    for section in _SECTION.finditer(before, 0, key.end("indent")):
        if section["table"] is not None or len(section["indent"]) < len(key["indent"]):
            found = section["table"] or section["mapping"]
    return found.partition(".")[0].strip("\"' ").lower() == "wandb"


def _private_keys(text: str) -> Iterator[SecretMatch]:
    begins = list(_PEM_BEGIN.finditer(text))
    ends = [(match.start(), match.end()) for match in _PEM_END.finditer(text)]
    for index, begin in enumerate(begins):
        body_start = begin.end()
        limit = begins[index + 1].start() if index + 1 < len(begins) else len(text)
        at = bisect_left(ends, (body_start, 0))
        if at < len(ends) and ends[at][0] < limit:
            body, stop = text[body_start : ends[at][0]], ends[at][1]
        else:
            run = _PEM_BODY.match(text, body_start, limit)
            body = run.group() if run else ""
            stop = body_start + len(body.rstrip())
        if sum(map(str.isalnum, body)) >= 32 and "..." not in body and "…" not in body and "<" not in body:
            yield SecretMatch(begin.start(), stop, "private-key", body_start)


def _stands_in(user: str, password: str) -> bool:
    """True where the password of a URL is a gap, an expansion, or a port behind an empty user."""
    return (
        _LITERAL_PASSWORD.fullmatch(password) is None
        or is_placeholder(password)
        or is_reference(password)
        or password.lower() in COMMON_PASSWORDS
        or (password.isdigit() and not user)
    )


def _url_passwords(text: str) -> Iterator[SecretMatch]:
    at = text.find("://")
    while at >= 0:
        match = _USERINFO.match(text, at + 3)
        if match and _SCHEME_END.search(text[max(0, at - 16) : at]):
            if not _stands_in(match["user"], match["password"]):
                start, end = match.span("password")
                yield SecretMatch(start, end, "url-password", start)
        at = text.find("://", at + 3)


def find_formats(text: str) -> list[SecretMatch]:
    """All credentials of a known format in `text`, by position, none overlapping another.

    Look-alikes that nobody could use (`nvapi-your_key_here`, runs of x, `<…>`) are no credentials.
    """
    words = _words(text)
    return _without_overlaps([*_tokens(text, words.tokens), *_others(text, words)])


def find_masked(text: str, *, tails: bool = True) -> list[SecretMatch]:
    """What is masked in `text`: `find_formats`, and what is like it but for the characters around it.

    A token counts behind any letter where no word has its beginning inside and, with `tails`, goes on to the end of its
    word. A mask too many costs little; what is to be reported has to be sure.
    """
    words = _words(text)
    return _without_overlaps(
        [*_tokens(text, words.tokens), *_loose_tokens(text, words.tokens, tails), *_others(text, words)]
    )


@lru_cache(maxsize=4)
def hints_in(text: str) -> tuple[str, ...]:
    """What a text has of the beginnings of tokens: asked once for all looks at it."""
    if len(text) < _SHORT:  # to compile the patterns of the families would take longer
        return tuple(hint for hint in HINTS if hint in text)
    found = [hint for hint in _ALONE if hint in text]
    for shared, hints in _FAMILIES:
        if shared.search(text) is not None:
            found += [hint for hint in hints if hint in text]
    return tuple(found)


def may_be_split(text: str, kind: str) -> bool:
    """False for a text of this kind without a token that goes on in another string."""
    if kind == "notebook":
        return bool(hints_in(text))
    if kind == "markdown" and "```" not in text and "~~~" not in text:
        return False
    return any(_begins_with(hint, _SPLIT, text) for hint, _ in _split_hints(text)) and _SEAMS.search(text) is not None


def may_be_assembled(text: str) -> bool:
    """False for a text without a piece of a token, or without a name, a template or a line that the rest may be in."""
    if not any(sign in text for sign in ("+=", "$", "\\\n", "\\\r\n", "{")):
        return False
    for hint in hints_in(text):
        at = text.find(hint)
        while at >= 0:
            at += len(hint)
            if _PIECE_OF_TOKEN.match(text, at) is not None:
                return True
            at = text.find(hint, at)
    return False


# What no word of a name is: letters and digits, or small letters and capitals, or more letters than most have.
_PIECE_OF_TOKEN = lazily(r"(?=[\w\-]{6})(?:[A-Za-z]{9}|[\w\-]{0,5}[0-9]|[a-z_\-]{1,5}[A-Z]|[A-Z_\-]{1,5}[a-z])")


def _split_hints(text: str) -> list[tuple[str, _Format]]:
    """What a text has of the beginnings of tokens that are looked for in pieces."""
    found = hints_in(text)
    return [(hint, kind) for hint, kind in _BY_HINT if hint in found and kind.label in _SPLIT_LABELS] if found else []


def find_split(text: str, start: int, end: int) -> Iterator[tuple[SecretMatch, str]]:
    """Tokens of a known format that the code `text[start:end]` puts together of strings: where, and the tokens."""
    hints = _split_hints(text)
    if not hints or _SEAMS.search(text, start, end) is None:
        return
    for hint, kind in hints:
        at = text.find(hint, start, end)
        while at >= 0:
            pieces, last = _pieces(text, at, end) if _SPLIT.match(text, at, end) else ([], 0)
            token = "".join([text[slice(*piece)] for piece in pieces])
            match = kind.pattern.fullmatch(token) if token and kind.pattern.match(text, at, end) is None else None
            if match is not None and "," in text[at:last]:
                match = _JOIN.search(text, max(at - _LONGEST_JOIN, start), at)
            if match is not None and (length := _prefix_length(kind, token)) is not None:
                yield SecretMatch(at, last, kind.label, at + length), token
            at = text.find(hint, max(last, at + 1), end)


def _pieces(text: str, at: int, end: int) -> tuple[list[tuple[int, int]], int]:
    """The pieces of a token that begins at `at`, in strings that are joined, and where the last of them ends."""
    found: list[tuple[int, int]] = []
    while len(found) < _MOST_PIECES and (match := _PIECE.match(text, at, end)) is not None:
        found.append(match.span("piece"))
        at = match.end()
        if match["quote"] is None:
            break
    return found, found[-1][1]


def _others(text: str, found_words: _Words) -> list[SecretMatch]:
    words = found_words.long
    found = [*_ngc_legacy(text, words), *_in_context(text, found_words.tokens)]
    if any(len(word) >= _WANDB_LENGTH for word in words):
        found += _named(text, lowered(text), words)
    if "PRIVATE KEY" in text:
        found += _private_keys(text)
    if "://" in text:
        found += _url_passwords(text)
    return found


def _without_overlaps(found: list[SecretMatch]) -> list[SecretMatch]:
    found.sort(key=lambda match: (match.start, -match.end))
    result: list[SecretMatch] = []
    for match in found:
        if result and match.start < result[-1].end:
            continue
        result.append(match)
    return result


# Each token of a format begins with one of these.
HINTS = tuple(dict.fromkeys(hint for kind in _FORMATS for hint in kind.hints))
_SHORT = 1000
# Those that have something in common, which few texts hold: one search instead of several.
_FAMILIES = tuple(
    (lazily(shared), tuple(hints.split()))
    for shared, hints in (
        (r"gl[a-z]{2,5}-", "glpat- glrt- gldt- glptt- glcbt- gloas- glagent- glffct- glsoat-"),
        (r"gh[pousr]_", "ghp_ gho_ ghu_ ghs_ ghr_"),
        (r"sk-", "sk-ant- sk- sk-or- csk-"),
        (r"sk_", "gsk_ pcsk_"),
        (r"_v1_", "wandb_v1_ tgp_v1_"),
        (r"hv[sb]\.", "hvs. hvb."),
        (r"A[KS]IA", "AKIA ASIA"),
    )
)
_ALONE = tuple(hint for hint in HINTS if all(hint not in hints for _, hints in _FAMILIES))
_BY_HINT = [(hint, kind) for kind in _FORMATS for hint in kind.hints]
_BARE_USERINFO = lazily(r"://[^\s/@]{0,128}:[^\s/@]{1,256}@")
_BARE_NGC_OR_WANDB = lazily(rf"[A-Za-z0-9+/]{{{_NGC_LENGTH}}}|[0-9a-f]{{{_WANDB_LENGTH}}}")
# The same of what stands around a credential, where quotes are gone.
_BARE_CONTEXT = (
    ("JQQJ99", lazily(r"[A-Za-z0-9]{52}JQQJ99")),
    ("Key=", lazily(r"(?:Account|Access)Key=[A-Za-z0-9+/]{43}")),
    ("sig=", lazily(r"sig=[A-Za-z0-9+/%]{43}")),
    ("hooks.slack.com/", lazily(r"hooks\.slack\.com/[a-z]{8,9}/[A-Z0-9]")),
    ("auth", lazily(r"auth\s{0,8}:\s{0,8}[A-Za-z0-9+/]{18}")),
    ("_auth", lazily(r"_auth\s{0,8}[=:]\s{0,8}[A-Za-z0-9+/]{12}")),
    ("AuthIdent", lazily(r"npmAuthIdent\s{0,8}[=:]\s{0,8}[A-Za-z0-9+/]{12}")),
    ("/t/", lazily(r"/t/[A-Za-z0-9\-]{24,64}/")),
    *((f"{call}(", lazily(rf"{call}\(\s{{0,80}}[brf]{{0,2}}[A-Za-z0-9+/]{{16}}")) for call in ("b64decode", "atob")),
    ("dockerconfigjson", lazily(r"dockerconfigjson\s{0,8}[:=]\s{0,8}[A-Za-z0-9+/]{40}")),
    ("dockercfg", lazily(r"dockercfg\s{0,8}[:=]\s{0,8}[A-Za-z0-9+/]{40}")),
    ("kind: Secret", lazily(r"(?m)^[ \t>]+[\w.\-]{1,128}:[ ]+[A-Za-z0-9+/]{24}")),
    ("username", lazily(r"key\s{0,8}:\s{0,8}[0-9a-f]{32}")),
)
_BARE_AWS = lazily(r"(?i)aws_?secret.{0,40}[A-Za-z0-9/+]{40}", re.DOTALL)


def _begins_with(hint: str, pattern: re.Pattern[str], text: str) -> bool:
    """Whether a pattern matches where `hint` stands: to search for the pattern, which looks behind, takes longer."""
    at = text.find(hint)
    while at >= 0:
        if pattern.match(text, at) is not None:
            return True
        at = text.find(hint, at + 1)
    return False


def may_hold_format(text: str) -> bool:
    """False for a text without any credential of a known format, even if quotes and escapes inside its words went."""
    bare = unquoted(text)
    words, tokens = _words(bare)
    hints = hints_in(tokens)
    if hints and any(
        _begins_with(hint, kind.bare, tokens) or _begins_with(hint, kind.pattern, text)
        for hint, kind in _BY_HINT
        if hint in hints
    ):
        return True
    if "PRIVATE KEY" in bare or ("@" in bare and "://" in bare and _BARE_USERINFO.search(bare)):
        return True
    if tokens and any(
        hint in (tokens if hint[-1] in "=/9" else bare) and pattern.search(bare) is not None
        for hint, pattern in _BARE_CONTEXT
    ):
        return True
    small = lowered(bare)
    least = _WANDB_LENGTH if "wandb" in small else _NGC_LENGTH
    long = [word for word in words if len(word) >= least]
    if long and any(map(_BARE_NGC_OR_WANDB.search, long)):
        return True
    return "aws" in small and _BARE_AWS.search(bare) is not None
