import shutil

import pytest
from typer.testing import CliRunner

from deepcolor.cli import app


@pytest.fixture
def model(exported, tmp_path):
    """A model with the exported graph for browsers beside it."""
    for path in exported.model.parent.glob("net*"):
        if path.is_file():
            shutil.copy(path, tmp_path)
    return tmp_path / exported.model.name


def written(model):
    site = model.parent / "site"
    done = CliRunner().invoke(app, ["app", "--model", str(model), "--static", str(site)])
    return done, site


def test_the_graph_beside_the_model_becomes_the_site(model):
    done, site = written(model)
    assert done.exit_code == 0, done.output
    assert any(path.suffix == ".onnx" for path in site.rglob("*"))


def test_an_outdated_graph_is_not_offered(model):
    with model.open("ab") as file:
        file.write(b"\0")  # trained again but not exported again
    done, site = written(model)
    assert done.exit_code != 0
    assert "needs the graph `chroma`" in str(done.exception or done.output)
    assert not site.exists()
