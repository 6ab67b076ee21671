"""Values under a secret's name in a shell command: assignments, arguments, headers, login options."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint.secrets.named import Named, Site, header, inline, pairs
from nemolint.secrets.names import key_of_interest, scheme_length
from nemolint.shell.model import Command, Word

_HEADER_OPTIONS = frozenset({"-H", "--header", "--headers", "--proxy-header"})
_HTTP_CLIENTS = frozenset({"http", "https", "xh", "xhs", "httpie"})
_DATA_COMMANDS = frozenset({"echo", "printf", "grep", "egrep", "fgrep", "rg", "ag", "sed", "awk", "gawk", "cat", "tr"})
_MYSQL = re.compile(r"(?:mysql|mariadb)(?:dump|admin|import|show|check|slap)?\Z")
_CONTAINERS = frozenset({"docker", "podman", "nerdctl", "enroot", "docker-compose", "apptainer", "singularity"})
_REGISTRIES = _CONTAINERS | {"helm", "oras", "skopeo", "crane", "buildah", "az", "regctl"}


def named_in_command(command: Command) -> Iterator[tuple[Word, Named]]:
    """Each word of a command that gives a value to a secret's name, and where in the word's value that value stands."""
    for assignment in command.assignments:
        start = len(assignment.name) + 1
        start += scheme_length(assignment.word.value[start:])
        if key_of_interest(assignment.name):
            yield assignment.word, Named(assignment.name, start, len(assignment.word.value), "assignment")
    data = command.name in _DATA_COMMANDS
    for index, word in enumerate(command.words):
        text = word.value
        if len(text) < 6:
            continue
        if "=" in text:
            site = _site(command, index)
            yield from ((word, named._replace(site=site)) for named in pairs(text, data=data))
        if ":" in text and not data:
            yield from ((word, named) for named in inline(text, "argument"))
    if not data:
        yield from _positional(command)


def _site(command: Command, index: int) -> Site:
    """`container-env` for the `K=v` of a container's `-e K=v`."""
    texts = [word.value for word in command.words[: index + 1]]
    if not _CONTAINERS.isdisjoint(text.rpartition("/")[2] for text in texts[:-1]):
        if texts[-1].startswith(("-e", "--env=")) or (index and texts[-2] in ("-e", "--env")):
            return "container-env"
    if command.words[0].value in ("export", "declare", "local", "readonly", "typeset"):
        return "assignment"
    return "argument"


def _userinfo(key: str, text: str, start: int) -> Named | None:
    colon = text.find(":", start)
    return Named(key, colon + 1, len(text)) if colon >= 0 else None


def _positional(command: Command) -> Iterator[tuple[Word, Named]]:
    """Values that a command takes by position or behind an option whose name does not say what it holds."""
    words = command.words
    texts = [word.value for word in words]
    base = [text.rpartition("/")[2] for text in texts]
    for i, text in enumerate(texts):
        following = words[i + 1] if i + 1 < len(words) else None
        earlier = base[:i]
        if text.startswith("-"):
            key = text.lstrip("-")
            if following is not None and "=" not in text and not following.value.startswith("-"):
                if len(key) > 1 and key_of_interest(key):
                    start = scheme_length(following.value)
                    yield following, Named(text, start, len(following.value), strict=key in ("secret", "secrets"))
                elif text in ("-u", "--user", "--proxy-user", "-a", "--auth") and _http(earlier):
                    if found := _userinfo("password", following.value, 0):
                        yield following, found
                elif _password_option(text, earlier):
                    yield following, Named("password", 0, len(following.value))
            if text.startswith("-p") and len(text) > 2 and not text.startswith("-p="):
                if "sshpass" in earlier or any(map(_MYSQL.match, earlier)):
                    yield words[i], Named("password", 2, len(text))
            if text.startswith(("--user=", "-u")) and len(text) > 2 and _http(earlier):
                if found := _userinfo("password", text, text.find("=") + 1 if "=" in text else 2):
                    yield words[i], found
            if text in _HEADER_OPTIONS and following is not None and (found := header(following.value)):
                yield following, found
            elif text.startswith(("-H", "--header=")) and (found := header(text)):
                yield words[i], found
        elif _HTTP_CLIENTS & set(earlier[:1]) and (found := header(text)):
            yield words[i], found
        elif text == "set" and i and base[i - 1] in ("config", "configure") and i + 2 < len(words):
            yield words[i + 2], Named(texts[i + 1], 0, len(texts[i + 2]))
        elif text == "login" and base[i - 1 : i] == ["wandb"]:
            for j in range(i + 1, len(words)):
                if not texts[j].startswith("-") and texts[j - 1] not in ("--host", "--entity"):
                    yield words[j], Named("api_key", 0, len(texts[j]), strict=True)
                    break


def _password_option(option: str, earlier: list[str]) -> bool:
    """True where a one-letter option takes a password as its next word."""
    if option == "-p":
        return "sshpass" in earlier or ("login" in earlier and not _REGISTRIES.isdisjoint(earlier))
    return option == "-a" and "redis-cli" in earlier


def _http(earlier: list[str]) -> bool:
    return bool({"curl", "wget", *_HTTP_CLIENTS} & set(earlier))
