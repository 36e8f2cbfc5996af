from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner


class Exported(NamedTuple):
    model: Path  # its exports lie beside it
    told: str


@pytest.fixture(scope="session")
def exported(small_network, tmp_path_factory) -> Exported:
    """What `deepcolor export` makes of the small network."""
    from deepcolor.cli import app

    model = tmp_path_factory.mktemp("exported") / "net.keras"
    model.write_bytes(small_network.read_bytes())
    done = CliRunner().invoke(app, ["export", str(model), "--license", "for tests"])
    assert done.exit_code == 0, done.output
    return Exported(model, done.output)
