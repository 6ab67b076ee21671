"""Values under a secret's name in a shell command: assignments, arguments, headers, login options."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.secrets.beginnings import HINTS
from nemolint.secrets.code_values import in_statements
from nemolint.secrets.named import Named, header, inline, pairs
from nemolint.secrets.names import (
    COMMON_PASSWORDS,
    entry_name,
    key_of_interest,
    name_words,
    scheme_length,
    takes_names,
)
from nemolint.shell.command import Command, Word
from nemolint.shell.programs import base

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.secrets.named import Site

_HEADER_OPTIONS = frozenset({"-H", "--header", "--headers", "--proxy-header"})
_HTTP_CLIENTS = frozenset({"http", "https", "xh", "xhs", "httpie"})
_DATA_COMMANDS = frozenset({"echo", "printf", "grep", "egrep", "fgrep", "rg", "ag", "sed", "awk", "gawk", "cat", "tr"})
_HTTP_COMMANDS = _HTTP_CLIENTS | {"curl", "wget"}
_SETTERS = frozenset({"export", "declare", "local", "readonly", "typeset"})
# Which letter of these takes a password as the next word.
_LETTERS = {
    **dict.fromkeys(("sshpass", "twine", "mongo", "mongosh", "mongodump", "mongorestore", "cqlsh", "snowsql"), "p"),
    **dict.fromkeys(("bcp", "ipmitool", "isql", "mosquitto_pub", "mosquitto_sub", "osql", "sqlcmd"), "P"),
    **dict.fromkeys(("unzip", "zip", "zipcloak"), "P"),
    **dict.fromkeys(("ldapadd", "ldapdelete", "ldapmodify", "ldapsearch", "ldapwhoami"), "w"),
    "redis-cli": "a",
    "ssh-keygen": "N",
}
# Which option of these takes a user and a password as one word, and what stands between the two.
_PAIRS = {
    "lftp": (frozenset({"-u", "--user"}), ","),
    **dict.fromkeys(("rpcclient", "smbclient", "smbget"), (frozenset({"-U", "--user"}), "%")),
}
# Their `--password` takes no value but in its own word.
_ATTACHED = frozenset(
    f"{name}{end}" for name in ("mysql", "mariadb") for end in ("", "dump", "admin", "import", "show")
)
# Their `-p` takes a password in the same word.
_PASSWORD_COMMANDS = frozenset({"sshpass", "7z", "7za", "7zr", "7zz"} | _ATTACHED)
# Headers that carry a credential, whatever command sends them.
_CARRIES = frozenset({"api-key", "authorization", "proxy-authorization", "private-token", "x-api-key", "x-auth-token"})
_CONTAINERS = frozenset({"docker", "podman", "nerdctl", "docker-compose", "apptainer", "singularity"})
# These take no name alone, and their `-e` is another option.
_WITH_VALUE = frozenset({"apptainer", "singularity"})
# Behind these another environment is in force.
_ELSEWHERE = frozenset({"doas", "ssh", "sudo"})
# `secret set NAME --body v`, and how the option is called elsewhere.
_STORE_VERBS = frozenset(
    {"add", "create", "create-secret", "put", "put-secret", "put-secret-value", "set", "update", "update-secret"}
    | {"versions"}
)
_STORE_OPTIONS = frozenset({"-b", "-v", "--body", "--secret-string", "--string-value", "--text", "--value"})
_STORE_WORDS = frozenset({"secret", "secrets", "secretsmanager"})
_STORE_HINTS = (
    "secret",
    "variable",
    "securestring",
    "stdin",
    "with-token",
    "passphrase-fd",
    "sudo",
    "alias",
    "lep",
    "config host",
)
# Options by which a command reads a secret from its standard input.
_SET_COMMANDS = frozenset({"read", "set", "setenv", "setx"})
_FROM_INPUT = ("--password-stdin", "--with-token", "--passphrase-fd", "--data-file=-", "--data-file=/dev/stdin")
_SET_PASSWORD = frozenset({"chpasswd"})
_REGISTRIES = _CONTAINERS | {"helm", "oras", "skopeo", "crane", "buildah", "az", "oc", "regctl"}


class Given(NamedTuple):
    """A word of a command that gives a value to a secret's name, and where in the word's value that value stands."""

    command: Command
    word: Word
    named: Named


def named_in_commands(document: Document) -> tuple[Given, ...]:
    """What the commands of a document give to a secret's name."""
    kept: tuple[tuple[Command, ...], tuple[Given, ...]] | None = document.memo.get(named_in_commands)
    commands = document.commands
    if kept is None or kept[0] is not commands:
        found = tuple(
            Given(command, word, named)
            for index, command in enumerate(commands)
            for word, named in _named_in_command(command, commands[index + 1 : index + 3])
        )
        kept = document.memo[named_in_commands] = commands, found
    return kept[1]


def _named_in_command(command: Command, following: Sequence[Command]) -> Iterator[tuple[Word, Named]]:
    """Each word of a command that gives a value to a secret's name, and where in the word's value that value stands.

    `following` are the next commands of the text, which may read what this one writes.
    """
    for assignment in command.assignments:
        target, _, value = assignment.word.value.partition("=")
        start = len(target) + 1
        name = target.rstrip("+")
        if key_of_interest(name):
            yield assignment.word, Named(name, start + scheme_length(value), start + len(value), "assignment")
        elif _is_header(value) and (stated := header(value)):
            first, last = start + stated.start, start + stated.end
            yield assignment.word, stated._replace(start=first, end=last, strict=True)
    if command.piped_to and command.name in ("echo", "printf", "yes"):
        yield from _piped(command, following)
    for redirect in command.redirects:
        if redirect.operator.endswith("<<<") and redirect.target is not None:
            yield from _written(redirect.target)
    lowered = " ".join([word.value for word in command.words]).lower()
    for part in HINTS:
        if part in lowered:
            break
    else:  # as most
        return
    if any(part in lowered for part in _STORE_HINTS) or command.name in _SET_COMMANDS:
        yield from _kept(command)
    data = command.name in _DATA_COMMANDS
    site: Site = "assignment" if command.name in _SETTERS else "argument"
    earlier: set[str] = set()
    containers = container_variables(command) if "=" in lowered and "-e" in lowered else {}
    for index, word in enumerate(command.words):
        text = word.value
        if "=" in text:
            before = command.words[index - 1].value if index else ""
            place: Site = "container-env" if index in containers and _ELSEWHERE.isdisjoint(earlier) else site
            found = pairs(text, data=data) if not _takes_names(text, before) else _unnamed(text)
            yield from ((word, named._replace(site=place)) for named in found)
        if data and command.redirects and command.name in ("echo", "printf"):
            yield from _echoed(command, word)
        if index == 1 and command.name == "printf":
            if "%s" in text:
                yield from _filled(command)
            elif text == "-v" and len(command.words) == 5:
                yield from _name_and_value(command.words[2], command.words[4], strict=True)
        if text in _COMPARES and 0 < index < len(command.words) - 1:
            yield from _compared(command.words[index - 1], command.words[index + 1])
        if ",pass=" in text and "user" in text:
            first = text.find(",pass=") + 6
            last = text.find(",", first)
            yield word, Named("password", first, last if last >= 0 else len(text))
        if "'" in text:
            yield from ((word, named) for named in in_statements(text, 0, len(text)))
        if not data:
            if ":" in text:
                yield from ((word, named) for named in inline(text, "argument"))
            yield from (
                _option(command, index, earlier) if text.startswith("-") else _positional(command, index, earlier)
            )
        earlier.add(text.rpartition("/")[2])


def _compared(left: Word, right: Word) -> Iterator[tuple[Word, Named]]:
    """What a test compares a secret's variable with: `[ "$API_KEY" = v ]`."""
    variable = _VARIABLE.fullmatch(left.value)
    if variable is not None and key_of_interest(variable[1]):
        yield right, Named(variable[1], 0, len(right.value), strict=True)


_COMPARES = frozenset({"=", "==", "!="})
_VARIABLE = lazily(r"\$\{?([A-Za-z_]\w{0,127})(?::?-)?\}?")


def _takes_names(text: str, before: str) -> bool:
    """True for `K=NAME` behind an option that takes names of secrets."""
    return takes_names(before if "=" not in before and not text.startswith("--") else text.partition("=")[0])


def _unnamed(text: str) -> Iterator[Named]:
    """The values of `K=v` where names of secrets are taken, and that are none."""
    start = text.find("=") + 1 if text.startswith("--") else 0
    for named in pairs(text[start:], data=False):
        first, last = named.start + start, named.end + start
        if not entry_name(text[first:last]):
            yield named._replace(start=first, end=last, strict=True)


def _piped(command: Command, following: Sequence[Command]) -> Iterator[tuple[Word, Named]]:
    """What `echo` writes to a command that reads a secret from its standard input, decoded on the way or not."""
    reader = next((item for item in following if not (item.piped_to and _decodes(item))), None)
    if reader is not None and reader.piped_from and reads_secret(reader):
        words = [word for word in command.words[1:] if not word.value.startswith("-")]
        if command.name == "printf" and len(words) > 1:
            words = words[1:]
        if len(words) == 1:
            given = words[0].value
            if any(base(word.value) == "chpasswd" for word in reader.words):
                first = given.find(":") + 1
            else:
                first = 0
            yield words[0], Named("password", first, len(given.rstrip()), "text")


def _decodes(command: Command) -> bool:
    return any(word.value == "base64" for word in command.words[:2]) and any(
        _DECODE.fullmatch(word.value) for word in command.words[1:]
    )


_DECODE = lazily(r"-[^\WdD]*[dD]\w*|--decode")


def reads_secret(command: Command) -> bool:
    """True for a command that takes a secret from its standard input."""
    values = [word.value for word in command.words]
    if "sudo" in values and _sudo_reads(values[values.index("sudo") + 1 :]):
        return True
    if any(value.startswith(_FROM_INPUT) for value in values) or any(base(value) in _SET_PASSWORD for value in values):
        return True
    if not _stores(values):
        return False
    return values[-1] == "-" or (command.name in ("gh", "glab") and _STORE_OPTIONS.isdisjoint(values))


def _sudo_reads(values: list[str]) -> bool:
    """True if these words behind `sudo` have it read the password from its standard input."""
    with_value = False
    for value in values:
        if value == "--stdin" or (value.startswith("-") and value[1:2] != "-" and "S" in value):
            return True
        if not value.startswith("-") and not with_value:
            return False
        with_value = value in _SUDO_WITH_VALUE
    return False


_SUDO_WITH_VALUE = frozenset({"-C", "-D", "-R", "-T", "-U", "-g", "-h", "-p", "-r", "-t", "-u"})


def _stores(values: list[str]) -> bool:
    """True for the words of a command that puts a secret into a store: `gh secret set`, `aws secretsmanager …`."""
    return (
        "SecureString" in values
        or (values[:2] == ["glab", "variable"] and "set" in values)
        or any(
            value in _STORE_WORDS and not _STORE_VERBS.isdisjoint(values[index + 1 : index + 3])
            for index, value in enumerate(values[:6])
        )
    )


def _kept(command: Command) -> Iterator[tuple[Word, Named]]:
    """The secrets of commands that take them where no name says so: `gh secret set X --body v`, `mc alias set …`."""
    words = command.words
    values = [word.value for word in words]
    key = "password" if reads_secret(command) else values[-1] if command.name == "read" else ""
    for redirect in command.redirects if key_of_interest(key) else ():
        if redirect.operator.endswith("<<<") and redirect.target is not None:
            yield redirect.target, Named(key, 0, len(redirect.target.value), "text")
    if _stores(values):
        for index, value in enumerate(values):
            option, equals, _ = value.partition("=")
            if value in _STORE_OPTIONS and index + 1 < len(values):
                if not values[index + 1].startswith("{"):
                    yield words[index + 1], Named("secret_value", 0, len(values[index + 1]))
            elif equals and option in _STORE_OPTIONS:
                yield words[index], Named("secret_value", len(option) + 1, len(value))
            elif value.startswith(("-b", "-v")) and len(value) > 6 and command.name in ("gh", "lep"):
                yield words[index], Named("secret_value", 2, len(value))
            else:
                literal = value if index and values[index - 1] == "--from-literal" else ""
                start = value.find("=", 15 if value.startswith("--from-literal=") else 0) + 1
                if start and (literal or value.startswith("--from-literal=")):
                    yield words[index], Named("secret_value", start, len(value), strict=True)
    programs = {value.rpartition("/")[2]: index for index, value in reversed(list(enumerate(values[:8])))}
    if (first := programs.get("mc", programs.get("mcli"))) is not None:
        places = [index for index in range(first + 1, len(values)) if not values[index].startswith("-")]
        verbs = [values[place] for place in places[:3]]
        name = 2 if verbs[:2] == ["alias", "set"] else 3 if verbs == ["config", "host", "add"] else len(places)
        if len(places) > name + 3:
            secret = places[name + 3]
            yield words[secret], Named("secret_key", 0, len(values[secret]))
    if "lep" in programs and "login" in values:
        for index, value in enumerate(values[:-1]):
            if value in ("-c", "--credentials") and (found := _userinfo(values[index + 1], 0)):
                yield words[index + 1], found
    if command.name in ("set", "setenv", "setx"):
        names = [word for word in words[1:] if not word.value.startswith("-")]
        if len(names) == 2 and key_of_interest(names[0].value):
            yield names[1], Named(names[0].value, 0, len(names[1].value), "assignment")


def _echoed(command: Command, word: Word) -> Iterator[tuple[Word, Named]]:
    """Configuration that `echo` or `printf` writes to a file."""
    if any(redirect.operator.lstrip("1&") in (">", ">>", ">|") for redirect in command.redirects):
        yield from _written(word)


def _written(word: Word) -> Iterator[tuple[Word, Named]]:
    """Configuration in a word that is the content of a file."""
    from nemolint.secrets.config_values import named_in_body

    text = word.value.replace("\\n", " \n")
    yield from ((word, named._replace(strict=True, site="text")) for named in named_in_body(text))


def _filled(command: Command) -> Iterator[tuple[Word, Named]]:
    """The words that `printf` puts behind a secret's name: `printf 'HF_TOKEN=%s' v`."""
    form, given = command.words[1].value, command.words[2:]
    # Of a key file of Kaggle.
    kaggle = "username" in form
    for word, match in zip(given, _FILLED.finditer(form), strict=False):
        key = "api_key" if kaggle and match["key"] == "key" else match["key"] or match["netrc"]
        if key and key_of_interest(key):
            yield word, Named(key, scheme_length(word.value), len(word.value), "text", strict=True)


_FILLED = lazily(
    r"""(?x) (?: (?P<key>[A-Za-z_][\w.\-]{0,127}+)\\?["']?[ \t]{0,8}[=:][ \t]{0,8}\\?["']?(?:(?:Bearer|Token)[ ])?
    | \b(?P<netrc>password)[ \t]+ )? %s"""
)


def container_variables(command: Command) -> dict[int, str]:
    """The variables that the options of `docker run`, `exec` and their kin set: by the index of the word `K=v`.

    These take the value from the environment for `-e K`. What stands behind the image is another program's.
    """
    values = [word.value for word in command.words]
    if not any(value.startswith(("-e", "--env")) for value in values):
        return {}
    names = [base(value) for value in values]
    first = next((index for index, name in enumerate(names) if name in _CONTAINERS - _WITH_VALUE), len(values))
    at = next((index for index in range(first, len(values)) if values[index] in _STARTS), len(values)) + 1
    found: dict[int, str] = {}
    while at < len(values) and values[at].startswith("-"):
        option, place = values[at], at
        attached = "=" in option or _FLAGS.fullmatch(option) or (option[1:2] != "-" and len(option) > 2)
        at += 1 if attached else 2
        if option in ("-e", "--env") and place + 1 < len(values):
            place, given = place + 1, values[place + 1]
        elif option.startswith(("-e", "--env=")) and not option.startswith("--env-"):
            given = option.removeprefix("--env").removeprefix("-e").removeprefix("=")
        else:
            continue
        if "=" in given:
            found[place] = given.partition("=")[0]
    return found


_STARTS = frozenset({"create", "exec", "run"})
# Options of these that take no value.
_FLAGS = lazily(
    r"-[dilqtPT]+|--(?:build|detach|init|interactive|no-deps|no-healthcheck|oom-kill-disable|privileged|publish-all"
    r"|quiet|read-only|remove-orphans|replace|rm|service-ports|tty)"
)


def _option(command: Command, index: int, earlier: set[str]) -> Iterator[tuple[Word, Named]]:
    """The value of an option: in the next word, or in its own word behind one letter."""
    word = command.words[index]
    text = word.value
    following = command.words[index + 1] if index + 1 < len(command.words) else None
    if following is not None and "=" not in text and not following.value.startswith("-"):
        value = following.value
        key = text.lstrip("-")
        attached = text == "--password" and not _ATTACHED.isdisjoint(earlier)
        if attached or (takes_names(text) and ("=" in value or (not value.isalnum() and entry_name(value)))):
            pass
        elif len(key) > 1 and key_of_interest(key):
            if name_words(key)[-1] in ("creds", "credentials") and (found := _userinfo(value, 0)):
                yield following, found
                return
            yield following, Named(text, scheme_length(value), len(value), strict=key in ("secret", "secrets"))
        elif text in _PASS and value.startswith("pass:"):
            yield following, Named("password", 5, len(value))
        elif text in ("-u", "--user", "--proxy-user", "-a", "--auth") and not _HTTP_COMMANDS.isdisjoint(earlier):
            if found := _userinfo(value, 0):
                yield following, found
        elif _password_option(text, earlier) and _PORT.fullmatch(value) is None:
            yield following, Named("password", 0, len(value))
        for program in earlier & _PAIRS.keys():
            options, sign = _PAIRS[program]
            if text in options and sign in value:
                yield following, Named("password", value.find(sign) + 1, len(value))
    if text[:1] == "-" and "b" in text and "htpasswd" in earlier and "n" not in text and index + 3 < len(command.words):
        yield command.words[-1], Named("password", 0, len(command.words[-1].value))
    if (
        text.startswith("-p")
        and text[2:].lower() not in COMMON_PASSWORDS | {""}
        and (earlier & _PASSWORD_COMMANDS or ("login" in earlier and earlier & _REGISTRIES))
    ):
        yield word, Named("password", 2, len(text))
    if following is not None and _USER_LETTERS.fullmatch(text) and {"curl", "wget"} & earlier:
        if found := _userinfo(following.value, 0):
            yield following, found
    if text.startswith(("--user=", "-u")) and len(text) > 2 and not _HTTP_COMMANDS.isdisjoint(earlier):
        if found := _userinfo(text, text.find("=") + 1 if "=" in text else 2):
            yield word, found
    if text in ("--arg", "--set") and index + 2 < len(command.words):
        yield from _name_and_value(command.words[index + 1], command.words[index + 2], strict=True)
    if text in _HEADER_OPTIONS:
        if following is not None and (found := header(following.value)):
            yield following, found
    elif text.startswith(("-H", "--header=")) and (found := header(text)):
        yield word, found


_PORT = lazily(r"\d{1,5}(?::\d{1,5})*|\d+(?:\.\d+){3}.*")
_PASS = frozenset({"-pass", "-passin", "-passout"})  # of openssl
_USER_LETTERS = lazily(r"-[a-zA-Z]{1,8}u")


def _positional(command: Command, index: int, earlier: set[str]) -> Iterator[tuple[Word, Named]]:
    """A value that a command takes by its place: a header of HTTPie, `config set KEY VALUE`, `wandb login KEY`."""
    words = command.words
    text = words[index].value
    before = words[index - 1].value.rpartition("/")[2] if index else ""
    if command.name in _HTTP_CLIENTS and index and (found := header(text)):
        yield words[index], found
    elif text == "set" and index + 2 < len(words):
        given = [word for word in words[index + 1 : index + 6] if not word.value.startswith("-")]
        if len(given) > 1:
            yield from _name_and_value(given[0], given[1], strict=before not in ("config", "configure"))
    elif _is_header(text) and (found := header(text)):
        yield words[index], found._replace(strict=True)
    elif any(pair <= earlier for pair in _MODIFY) and index + 1 < len(words) and key_of_interest(text):
        yield words[index + 1], Named(text, 0, len(words[index + 1].value))
    elif text == "config" and before == "poetry" and index + 1 < len(words):
        at = index + 2 + (words[index + 1].value.startswith("http-basic."))
        if at < len(words) and words[index + 1].value.startswith(("http-basic.", "pypi-token.")):
            yield words[at], Named("password", 0, len(words[at].value))
    elif (place := _place_of_password(command, index, earlier)) is not None:
        yield words[place], Named("password", 0, len(words[place].value))
    elif text == "login" and before == "wandb":
        for place in range(index + 1, min(index + 8, len(words))):
            value = words[place].value
            if not value.startswith("-") and words[place - 1].value not in ("--host", "--entity", "--base-url"):
                yield words[place], Named("api_key", 0, len(value), strict=True)
                return


# Programs and their verbs that take names and values as words of their own.
_MODIFY = (frozenset({"rclone", "create"}), frozenset({"rclone", "update"}), frozenset({"dvc", "modify"}))


def _place_of_password(command: Command, index: int, earlier: set[str]) -> int | None:
    """The index of the word that is a password by its place alone, behind the verb at `index`."""
    words = command.words
    text, left = words[index].value, len(words) - index - 1
    if text in ("add_user", "change_password") and "rabbitmqctl" in earlier and left > 1:
        return index + 2
    if text == "login" and words[index - 1].value == "vault" and left and not words[index + 1].value.startswith("-"):
        return index + 1
    return None


def _is_header(text: str) -> bool:
    return ": " in text and text.partition(":")[0].lower() in _CARRIES


def _name_and_value(name: Word, value: Word, *, strict: bool) -> Iterator[tuple[Word, Named]]:
    if key_of_interest(name.value) and not value.value.startswith("-"):
        yield value, Named(name.value, 0, len(value.value), strict=strict)


def _userinfo(text: str, start: int) -> Named | None:
    colon = text.find(":", start)
    user, password = text[start:colon].lower(), text[colon + 1 :].lower()
    if colon < 0 or password in COMMON_PASSWORDS or (user == password and user.isalpha()):
        return None
    return Named("password", colon + 1, len(text))


def _password_option(option: str, earlier: set[str]) -> bool:
    """True where a one-letter option takes a password as its next word."""
    if option == "-p" and "login" in earlier and not _REGISTRIES.isdisjoint(earlier):
        return True
    if not option[1:].isalnum():
        return False
    programs = earlier & _LETTERS.keys()
    return any(_LETTERS[name] == option[-1] and (len(option) == 2 or "zip" in name) for name in programs)
