"""What a terminal is known to show, by the environment that it gives to programs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_PROGRAMS = frozenset({"ghostty", "Hyper", "iTerm.app", "rio", "Tabby", "vscode", "WarpTerminal", "WezTerm", "zed"})
_TERMS = ("alacritty", "foot", "xterm-ghostty", "xterm-kitty", "wezterm")
_FIRST_VTE = 5000  # GNOME Terminal and its relatives crashed on links before 0.50
_VARIABLES = ("WT_SESSION", "KONSOLE_VERSION", "DOMTERM", "KITTY_WINDOW_ID")


def takes_links(environ: Mapping[str, str]) -> bool:
    """Whether a terminal with this environment is known to show links (OSC 8).

    Others may print the address into the text, and a multiplexer between may, whatever the terminal behind it does.
    """
    term = environ.get("TERM", "")
    if environ.get("NO_COLOR") or term in ("", "dumb", "linux") or term.startswith(("screen", "tmux")):
        return False
    if "TMUX" in environ or "STY" in environ:
        return False
    if environ.get("TERM_PROGRAM") in _PROGRAMS or term.startswith(_TERMS):
        return True
    vte = environ.get("VTE_VERSION", "")
    if vte.isascii() and vte.isdigit() and int(vte[:9]) >= _FIRST_VTE:
        return True
    return any(environ.get(name) for name in _VARIABLES)
