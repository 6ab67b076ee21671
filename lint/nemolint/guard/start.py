"""The first look at what an assistant is about to do, at the bytes alone: most of it has nothing to do with nemolint.

It runs before every command, as a script, too (`python -I -S start.py`), which Python compiles anew each time: so it is
short, and imports only what is built into Python.
"""

import _signal  # `signal` would import `enum`, which takes longer than all that is done here
import sys
import time

if sys.platform == "win32":
    import nt as system
else:
    import posix as system

MOST_BYTES = 10_000_000
SECONDS = 5.0
# Options that are not about a payload: `nemolint.commands.hook` has them.
MANAGING = ("-h", "--help", "--install", "--uninstall", "--selftest")
_PIECE = 1 << 16
# What else JSON escapes in most payloads.
_PLAIN = (b"\\u003c", b"\\u003e", b"\\u0026", b"\\u0027", b"\\u003C", b"\\u003E")
# How JSON or a shell may write a letter, and what may run a file that has the command.
_DEEPER = (
    *(b"\\u", b"$'", b"sbatch", b'"make', b" make", b";make", b"&make", b"nmake", b"/make", b".slurm", b".bash"),
    b"base64",  # decodes it
    *(b'.sh"', b".sh ", b".sh;", b".sh&", b".sh|", b".sh)", b".sh>", b".sh'", b".sh\\"),
    *(b'"bash ', b'"sh ', b" bash ", b" sh ", b'"./', b" ./"),
)


def may_concern(data: bytes) -> bool:
    """False for a payload that cannot hold a `nemotron steps run`, nor run a file of the project that does."""
    if not (data.startswith(b"{") and data.endswith(b"}")):
        return True
    for escape in _PLAIN:
        if escape in data:
            data = data.replace(escape, b"")
    for mark in _DEEPER:
        if mark in data:
            return True
    if b"transcriptPath" in data and b"toolName" not in data:  # its answer is in that file
        return True
    # As a shell joins lines and drops quotes.
    bare = data.replace(b"\\\\\\n", b"").replace(b"\\\\\\r\\n", b"").translate(None, b"\"'\\`^")
    if not bare.isascii():
        bare = bare.translate(None, bytes(range(128, 256)))
    # A variable may hold the name of the program. `rev`, `tr` and the like may turn the words first.
    return (b"steps" in bare and b"run" in bare) or b"spets" in bare or b"fgrcf" in bare or b"STEPS RUN" in bare


def no_opinion(data: bytes, agent: str) -> bytes:
    """What says nothing, for the host that the payload comes from."""
    if agent == "windsurf" or (not agent and b'"agent_action_name"' in data):
        return b""
    return b'{"cancel": false}' if agent == "cline" or (not agent and b'"clineVersion"' in data) else b"{}"


def value_of(option: str, arguments: list[str]) -> str:
    """The last value of an option, "" without one."""
    value = ""
    for number, word in enumerate(arguments):
        if word == option:
            value = "".join(arguments[number + 1 : number + 2])
        elif word.startswith(f"{option}="):
            value = word[len(option) + 1 :]
    return value


def seconds_of(arguments: list[str]) -> float:
    """The deadline in seconds."""
    try:
        seconds = float(value_of("--deadline", arguments) or SECONDS)
    except ValueError:
        return SECONDS
    return seconds if 0 < seconds <= 600 else SECONDS


def set_timer(seconds: float) -> None:
    """Raise TimeoutError in so many seconds, if the system can; 0: no more."""
    if hasattr(_signal, "setitimer"):
        _signal.signal(_signal.SIGALRM, _late)
        _signal.setitimer(_signal.ITIMER_REAL, seconds)


def _late(*_: object) -> None:
    raise TimeoutError


def _read(seconds: float) -> tuple[bytes, str]:
    """Standard input, and why it is incomplete, if it is."""
    pieces, size, problem = [], 0, ""
    try:
        set_timer(seconds)
        if system.isatty(0):
            problem = "standard input is a terminal: an assistant passes JSON there (see `nemolint hook --help`)"
        while not problem and (piece := system.read(0, _PIECE)):
            size += len(piece)
            if size <= MOST_BYTES:
                pieces.append(piece)
        set_timer(0)
    except TimeoutError:
        problem = "the input did not end in time"
    except OSError:
        problem = "standard input cannot be read"
    if size > MOST_BYTES:
        problem = f"the input is larger than {MOST_BYTES // 1_000_000} MB"
    return b"".join(pieces).strip(), problem


def _answer(arguments: list[str], data: bytes, problem: str, seconds: float, left: float) -> int:
    """Answer a payload that may concern nemolint."""
    if sys.flags.no_site:
        import site

        site.main()
    from nemolint.guard.respond import respond

    return respond(arguments, data, problem, seconds, left, value_of, set_timer)


def main(arguments: list[str]) -> int:
    """Answer the payload on standard input, and return the exit code."""
    begun, agent, data = time.monotonic(), value_of("--agent", arguments), b""
    try:
        data, problem = _read(seconds := seconds_of(arguments))
        if problem or may_concern(data):
            return _answer(arguments, data, problem, seconds, max(seconds - (time.monotonic() - begun), 0.1))
    except BaseException as error:  # noqa: BLE001 - nemolint cannot even be loaded, and Python would exit with 1
        _write(2, f"nemolint could not check this: {type(error).__name__}\n".encode())
        if "--fail-closed" in arguments:
            return 2  # refuses in every host that knows exit codes
    _write(1, no_opinion(data, agent))
    return 0


def _write(stream: int, data: bytes) -> None:
    try:
        system.write(stream, data)
    except OSError:  # nobody is left to tell
        return


if __name__ == "__main__":
    system._exit(main(sys.argv[1:]))
