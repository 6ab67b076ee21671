"""Values under a secret's name in a shell command: assignments, arguments, headers, login options."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint.secrets.hints import HINTS
from nemolint.secrets.named import Named, Site, header, inline, pairs
from nemolint.secrets.names import key_of_interest, scheme_length
from nemolint.shell.command import Command, Word

_HEADER_OPTIONS = frozenset({"-H", "--header", "--headers", "--proxy-header"})
_HTTP_CLIENTS = frozenset({"http", "https", "xh", "xhs", "httpie"})
_DATA_COMMANDS = frozenset({"echo", "printf", "grep", "egrep", "fgrep", "rg", "ag", "sed", "awk", "gawk", "cat", "tr"})
_HTTP_COMMANDS = _HTTP_CLIENTS | {"curl", "wget"}
_SETTERS = frozenset({"export", "declare", "local", "readonly", "typeset"})
# Their `-p` takes a password in the same word.
_PASSWORD_COMMANDS = frozenset(
    {"sshpass", *(f"{name}{end}" for name in ("mysql", "mariadb") for end in ("", "dump", "admin", "import", "show"))}
)
_CONTAINERS = frozenset({"docker", "podman", "nerdctl", "enroot", "docker-compose", "apptainer", "singularity"})
_REGISTRIES = _CONTAINERS | {"helm", "oras", "skopeo", "crane", "buildah", "az", "regctl"}


def named_in_command(command: Command) -> Iterator[tuple[Word, Named]]:
    """Each word of a command that gives a value to a secret's name, and where in the word's value that value stands."""
    for assignment in command.assignments:
        start = len(assignment.name) + 1
        start += scheme_length(assignment.word.value[start:])
        if key_of_interest(assignment.name):
            yield assignment.word, Named(assignment.name, start, len(assignment.word.value), "assignment")
    if not _may_name(command):
        return
    data = command.name in _DATA_COMMANDS
    site: Site = "assignment" if command.name in _SETTERS else "argument"
    earlier: set[str] = set()
    for index, word in enumerate(command.words):
        text = word.value
        if "=" in text:
            before = command.words[index - 1].value if index else ""
            place: Site = "container-env" if _container_env(text, before, earlier) else site
            yield from ((word, named._replace(site=place)) for named in pairs(text, data=data))
        if not data:
            if ":" in text:
                yield from ((word, named) for named in inline(text, "argument"))
            yield from (
                _option(command, index, earlier) if text.startswith("-") else _positional(command, index, earlier)
            )
        earlier.add(text.rpartition("/")[2])


def _may_name(command: Command) -> bool:
    """False for a command whose words hold no name of a secret, and that takes none by its place: as most do."""
    lowered = "\n".join([word.value for word in command.words]).lower()
    return any(part in lowered for part in HINTS)


def _container_env(text: str, before: str, earlier: set[str]) -> bool:
    """True for the `K=v` of a container's `-e K=v`."""
    return not _CONTAINERS.isdisjoint(earlier) and (text.startswith(("-e", "--env=")) or before in ("-e", "--env"))


def _option(command: Command, index: int, earlier: set[str]) -> Iterator[tuple[Word, Named]]:
    """The value of an option: in the next word, or in its own word behind one letter."""
    word = command.words[index]
    text = word.value
    following = command.words[index + 1] if index + 1 < len(command.words) else None
    if following is not None and "=" not in text and not following.value.startswith("-"):
        value = following.value
        key = text.lstrip("-")
        if len(key) > 1 and key_of_interest(key):
            yield following, Named(text, scheme_length(value), len(value), strict=key in ("secret", "secrets"))
        elif text in ("-u", "--user", "--proxy-user", "-a", "--auth") and not _HTTP_COMMANDS.isdisjoint(earlier):
            if found := _userinfo(value, 0):
                yield following, found
        elif _password_option(text, earlier):
            yield following, Named("password", 0, len(value))
    if text.startswith("-p") and len(text) > 2 and not _PASSWORD_COMMANDS.isdisjoint(earlier):
        yield word, Named("password", 2, len(text))
    if text.startswith(("--user=", "-u")) and len(text) > 2 and not _HTTP_COMMANDS.isdisjoint(earlier):
        if found := _userinfo(text, text.find("=") + 1 if "=" in text else 2):
            yield word, found
    if text in _HEADER_OPTIONS:
        if following is not None and (found := header(following.value)):
            yield following, found
    elif text.startswith(("-H", "--header=")) and (found := header(text)):
        yield word, found


def _positional(command: Command, index: int, earlier: set[str]) -> Iterator[tuple[Word, Named]]:
    """A value that a command takes by its place: a header of HTTPie, `config set KEY VALUE`, `wandb login KEY`."""
    words = command.words
    text = words[index].value
    before = words[index - 1].value.rpartition("/")[2] if index else ""
    if command.name in _HTTP_CLIENTS and index and (found := header(text)):
        yield words[index], found
    elif text == "set" and before in ("config", "configure") and index + 2 < len(words):
        if key_of_interest(words[index + 1].value):
            yield words[index + 2], Named(words[index + 1].value, 0, len(words[index + 2].value))
    elif text == "login" and before == "wandb":
        for place in range(index + 1, min(index + 8, len(words))):
            value = words[place].value
            if not value.startswith("-") and words[place - 1].value not in ("--host", "--entity"):
                yield words[place], Named("api_key", 0, len(value), strict=True)
                return


def _userinfo(text: str, start: int) -> Named | None:
    colon = text.find(":", start)
    return Named("password", colon + 1, len(text)) if colon >= 0 else None


def _password_option(option: str, earlier: set[str]) -> bool:
    """True where a one-letter option takes a password as its next word."""
    if option == "-p":
        return "sshpass" in earlier or ("login" in earlier and not _REGISTRIES.isdisjoint(earlier))
    return option == "-a" and "redis-cli" in earlier
