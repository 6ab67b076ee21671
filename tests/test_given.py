"""What others wrote is read within limits, and nothing is waited for without end."""

from __future__ import annotations

import errno
import os
import socket
import threading
from pathlib import Path

import pytest

from nemolint.base import files
from nemolint.base.files import NotRegular, read_given, read_regular
from support.command import MISSPELT, nemolint

_READERS = (["--config", "{}"], ["--baseline", "{}"], ["--prompt", "{}"], ["--env-file", "{}"])


def _odd(folder: Path) -> dict[str, Path]:
    """A folder, a socket and a device by name."""
    (folder / "d").mkdir()
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(folder / "s"))
    return {"folder": folder / "d", "socket": folder / "s", "device": Path("/dev/zero")}


def test_what_is_not_a_regular_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders, sockets and devices are never opened for their content, pipes only where the user names them."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo(tmp_path / "p")
    for name, path in _odd(tmp_path).items():
        for read in (read_regular, read_given):
            with pytest.raises(NotRegular, match="is a folder" if name == "folder" else "is not a regular file"):
                read(path)
    with pytest.raises(NotRegular):
        read_regular(tmp_path / "p")
    with pytest.raises(FileNotFoundError):
        read_given(tmp_path / "none")


def test_limits(tmp_path: Path) -> None:
    """A file is read whole up to the limit; a bigger one is refused before it is read, or cut where that is asked."""
    file = tmp_path / "a"
    file.write_bytes(b"x" * 200_000)
    assert read_regular(file, 200_000) == read_given(file, 200_000) == b"x" * 200_000
    assert read_regular(file, 99, whole=False) == b"x" * 100
    with pytest.raises(OSError, match="is larger than") as caught:
        read_regular(file, 199_999)
    assert caught.value.errno == errno.EFBIG
    os.truncate(file, 1 << 40)
    with pytest.raises(OSError, match="is larger than 50 MB"):
        read_given(file)


def test_pipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe with a writer is read to its end or to the limit; a silent one is given up."""
    monkeypatch.setattr(files, "_PATIENCE", 0.05)
    pipe = tmp_path / "p"
    os.mkfifo(pipe)
    with pytest.raises(TimeoutError, match="silent"):
        read_given(pipe)
    monkeypatch.setattr(files, "_PATIENCE", 20.0)
    for size, most in ((300_000, 400_000), (0, 10)):
        writer = threading.Thread(target=lambda size=size: pipe.write_bytes(b"y" * size))
        writer.start()
        assert len(read_given(pipe, most)) == size
        writer.join()


def test_odd_files_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every option that names a file says which one cannot be used and why, and the command ends."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.sh").write_text(f"{MISSPELT}\n", "utf-8")
    for path in _odd(tmp_path).values():
        for option in _READERS:
            done = nemolint(tmp_path, *(part.format(path) for part in option), "a.sh")
            assert done.code == 2 and str(path) in done.err
            assert "is a folder" in done.err or "is not a regular file" in done.err
