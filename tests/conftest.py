"""Settings of hypothesis, and where the tests find what is not theirs."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from support import command, extension, ids, once

# As in what the tests start (`clean_environment`).
sys.dont_write_bytecode = False

# Times differ between machines; what must be fast has tests of its own.
settings.register_profile("nemolint", deadline=None)
# For `pytest --hypothesis-profile=thorough`: properties without a count of their own try many more examples.
settings.register_profile("thorough", deadline=None, max_examples=3000)
settings.load_profile("nemolint")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Have every test be called by its example, whatever kind of value that is."""
    return ids.of_value(val, argname)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Do not search the thousands of tests for cycles again and again, neither here nor while they run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--scanner-rules", default="", help="a folder with rule files of other scanners of secrets")


@pytest.fixture(scope="session", autouse=True)
def _environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither use nor change what the user's own checks left."""
    command.clean_environment(tmp_path_factory.mktemp("cache"))
    yield
    command.stop()


@pytest.fixture(scope="session", autouse=True)
def _extension(
    _environment: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The packages of the extension for VS Code are downloaded while other tests run, if a test needs them."""
    needed = any("_vscode" in item.path.stem and "built" in item.fixturenames for item in request.session.items)  # type: ignore[attr-defined]
    if not (needed and extension.NPM and extension.NODE):
        yield
        return
    process = extension.start_building(once.common(tmp_path_factory))
    yield
    command.end(process)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared corpus and cases that stand beside the project; tests that need them are skipped without them."""
    path = Path(__file__).resolve().parents[1].parent / "shared"
    if not path.is_dir():
        pytest.skip("../shared is not here")
    return path


@pytest.fixture(scope="module", params=["snapshot", "checkout"])
def nemotron(request: pytest.FixtureRequest) -> Path | None:
    """The bundled catalog, and a checkout where one stands beside the project."""
    if request.param == "snapshot":
        return None
    shared: Path = request.getfixturevalue("shared")
    return shared / "corpus" / "nemotron"
