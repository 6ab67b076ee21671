"""What a credential of a known format begins with: tells most texts to hold none, without a pattern or an import."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document

# Every name of a secret, and every name of a field for one, holds one of these.
NAME_PARTS = ("auth", "bearer", "cred", "key", "pass", "pwd", "secret", "token")
# Without one of these, in small letters, no value stands under a secret's name, nor where a program takes a secret.
HINTS = (
    *NAME_PARTS,
    *("login", "mariadb", "mysql", "redis-cli", "sshpass", "twine", "curl", "wget", "http", "xh", "sudo", "alias"),
    *("config host", "securestring", "http-basic", "pypi-token", "zip", "chpasswd", "variable set", "pdo(", "mysqli"),
    *("pass=", "getconnection", "login(", "identified", "7z", "add_user", "vault", "htpasswd", "ssh-keygen", "bcp"),
    *("cqlsh", "ipmitool", "isql", "mongo", "mosquitto", "osql", "snowsql", "sqlcmd", "lftp", "rpcclient", "smbclient"),
    *("smbget", "ldap"),
)
# What a shell reads as it is written: no quote, no escape, no expansion, no comment, no structure.
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-/:=,@%+ \n")
# What a credential of each format begins with, and how many characters of a token follow at least.
_BEGINNINGS = (
    ("nvapi-", 20), ("hf_", 20), ("api_org_", 20), ("wandb_v1_", 20), ("sk-", 20), ("AKIA", 16), ("ASIA", 16),
    ("AIza", 20), ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20), ("github_pat_", 20),
    ("glpat-", 20), ("glrt-", 20), ("gldt-", 20), ("glptt-", 20), ("glcbt-", 20), ("gloas-", 20), ("glagent-", 20),
    ("xox", 20), ("xapp-", 20), ("eyJ", 9), ("gsk_", 20), ("xai-", 20), ("pplx-", 20), ("lsv2_", 20), ("tgp_v1_", 20),
    ("glffct-", 20), ("glsoat-", 20), ("GR1348941", 20), ("csk-", 20), ("dapi", 20), ("AQ.Ab8", 20), ("npm_", 20),
    ("pcsk_", 20), ("pypi-AgE", 20), ("r8_", 20), ("rpa_", 20), ("hvs.", 20), ("hvb.", 20), ("cmVmdGtuOj", 20),
    ("dckr_", 20), ("AGE-SECRET-KEY-1", 20), ("AKCp", 20), ("JQQJ99", 20),
)  # fmt: skip
# What stands right before a credential that has no beginning of its own.
_MARKS = ("AccountKey=", "AccessKey=", "sig=", "hooks.slack.com/", "/t/", "b64decode(", "atob(")
# Names of JSON and YAML, and how many characters of base64 a credential behind them has at least.
_NAMED = (
    ("auth", 18), ("_auth", 12), ("npmAuthIdent", 12), ("dockercfg", 40), ("dockerconfigjson", 40), ("key", 32),
)  # fmt: skip
_AFTER_NAME = "\"'\\"
_SIGNS = " \t\r\n:=\"'\\"
_LONGEST_SIGN = 40
SHORTEST = 20  # characters of a token with its beginning, at least
_NGC_LENGTH = 84
_WANDB_LENGTH = 40
_LONGEST_USERINFO = 400
# What ends a word in which base64 may stand.
_NOT_BASE64 = str.maketrans(dict.fromkeys("\"'`.,:;()[]{}<>|&=_-", " "))


def shows_all(document: Document) -> bool:
    """Whether a look at the text of a document sees whatever its readers find in it.

    A read document may hold what no look sees, unless it is a script in which nothing is written in another way.
    """
    return document.reading is not None or is_plain(document)


def is_plain(document: Document) -> bool:
    """Whether a document is a script in which a shell reads each sign as it is written."""
    return document.kind == "shell" and _PLAIN.issuperset(document.text)


def may_name(text: str) -> bool:
    """False for a text without any word that a value under a secret's name is found by."""
    lowered = text.lower()
    return any(hint in lowered for hint in HINTS)


def may_hold(text: str) -> bool:
    """False for a text without any credential of a known format. True says little."""
    if "PRIVATE KEY" in text or "kind: Secret" in text or ("@" in text and _may_hold_userinfo(text)):
        return True
    # No credential has a blank in it, so that only a small part of most texts is looked at.
    words = [word for word in text.split() if len(word) >= SHORTEST]
    if not words:
        return False
    tokens = " ".join(words)
    for beginning, least in _BEGINNINGS:
        at = tokens.find(beginning)
        while at >= 0:
            at += len(beginning)
            if _is_token(tokens[at : at + least], least):
                return True
            at = tokens.find(beginning, at)
    if any(mark in tokens for mark in _MARKS) or any(_stands_behind(text, name, least) for name, least in _NAMED):
        return True
    longest = max(map(len, words))
    if longest < _WANDB_LENGTH:
        return False
    needed = _NGC_LENGTH
    lowered = text.lower()
    if "wandb" in lowered or ("aws" in lowered and "secret" in lowered):
        needed = _WANDB_LENGTH
    return longest >= needed and any(
        len(part) >= needed for word in words if len(word) >= needed for part in word.translate(_NOT_BASE64).split()
    )


def _is_token(text: str, least: int) -> bool:
    """Whether `text` is so long and could stand within a token."""
    return len(text) == least and text.isascii() and text.replace("-", "").replace("_", "").replace(".", "").isalnum()


def _stands_behind(text: str, name: str, least: int) -> bool:
    """Whether base64 of so many characters stands behind a name in quotes; behind a long name, quotes or not."""
    if name == "key" and "username" not in text:
        return False
    at = text.find(name)
    while at >= 0:
        at += len(name)
        if text[at : at + 1] in _AFTER_NAME or len(name) > 4:
            rest = text[at : at + _LONGEST_SIGN + least].lstrip(_SIGNS)[:least]
            if len(rest) == least and rest.replace("+", "").replace("/", "").isalnum():
                return True
        at = text.find(name, at)
    return False


def _may_hold_userinfo(text: str) -> bool:
    at = text.find("://")
    while at >= 0:
        host, sign, _ = text[at + 3 : at + 3 + _LONGEST_USERINFO].partition("@")
        if sign and ":" in host and "/" not in host and not any(map(str.isspace, host)):
            return True
        at = text.find("://", at + 3)
    return False
