from pathlib import Path

import numpy as np
import onnx
import pytest
import skimage.data
from typer.testing import CliRunner

import deepcolor.cli
from colorization.inference.colorize import coloriser
from colorization.inference.model_path import SHIPPED_MODEL, load_model
from colorization.models import autoencoder
from deepcolor.colorize.onnx_network import (
    PACKAGED_NETWORK,
    SOURCE,
    export_path,
    file_digest,
    open_session,
)
from deepcolor.export.export_model import export_model

ASTRONAUT = skimage.data.astronaut()
PHOTOS = {
    "square": ASTRONAUT,
    "landscape": skimage.data.chelsea(),
    "portrait": np.ascontiguousarray(np.rot90(skimage.data.coffee())),
    "gray": np.stack([skimage.data.camera()[:200]] * 3, -1),
    "faded": (110 + 0.35 * skimage.data.coffee()).astype(np.uint8),
    "odd": ASTRONAUT[40:73, 80:111],
    "panorama": ASTRONAUT[100:117],
    "line": ASTRONAUT[200:201],
    "tiny": ASTRONAUT[200:203, 200:205],
    "pixel": ASTRONAUT[:1, :1],
}
SETTINGS = ((1.0, None), (1.7, None), (1.0, 0.38))


def scalar(value):
    return np.array(value, np.float32)


def off(path, photo, expected, strength=1.0, temperature=None):
    """Return by how many levels each pixel of a graph's output is off."""
    session = open_session(path)
    fed = {"photo": photo[None], "strength": scalar(strength)}
    fed["temperature"] = scalar(temperature or 0)
    if "hints" in {taken.name for taken in session.get_inputs()}:
        fed["hints"] = np.zeros((0, 5), np.float32)
    answer = session.run(None, fed)
    return np.abs(answer[0][0].astype(int) - expected).max(-1)


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize(("strength", "temperature"), SETTINGS)
def test_a_graph_gives_the_colors_of_coloriser(exported, name, strength, temperature):
    settings = {"strength": strength, "temperature": temperature}
    expected = coloriser(PHOTOS[name], exported.model, **settings)
    graph = export_path(exported.model, "colorize")
    assert np.mean(off(graph, PHOTOS[name], expected, **settings) <= 1) >= 0.999


def test_in_two_parts_the_colors_are_the_same(exported):
    chroma, recolor, colorize = (
        open_session(export_path(exported.model, graph))
        for graph in ("chroma", "recolor", "colorize")
    )
    photo, heat, strength = PHOTOS["portrait"][None], scalar(0.38), scalar(1.3)
    (small,) = chroma.run(["chroma"], {"photo": photo, "fast": scalar(0), "temperature": heat})
    apart = recolor.run(None, {"photo": photo, "chroma": small, "strength": strength})[0]
    fed = {"photo": photo, "temperature": heat, "strength": strength}
    np.testing.assert_array_equal(apart, colorize.run(None, fed)[0])


def test_a_file_states_its_name_version_license_and_source(exported):
    for graph in ("colorize", "chroma-small", "recolor", "network"):
        model = onnx.load(export_path(exported.model, graph))
        assert model.graph.name == graph
        assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 18)]
        properties = {entry.key: entry.value for entry in model.metadata_props}
        assert properties["model"] == "net" and properties["license"] == "for tests"
        assert properties["source_sha256"] == file_digest(exported.model)
    shape = onnx.load(export_path(exported.model, "colorize")).graph.output[0]
    sizes = shape.type.tensor_type.shape.dim
    assert [size.dim_param for size in sizes[:3]] == ["batch", "height", "width"]
    assert sizes[3].dim_value == 3


def test_the_command_lists_the_exports_and_leaves_no_temporary_file(exported):
    graphs = ["colorize", "chroma", "network"]
    names = {f"net-{graph}{bits}.onnx" for graph in graphs for bits in ("", "-small")}
    names |= {"net-recolor.onnx", "net-saved-model"}
    found = {path.name for path in exported.model.parent.iterdir()}
    assert found == names | {"net.keras"}
    lines = exported.output.splitlines()
    assert len(lines) == len(names) and all(any(n in line for line in lines) for n in names)
    assert sum("100.00% of pixels within a level" in line for line in lines) >= 2
    assert (exported.model.parent / "net-saved-model" / "1" / "saved_model.pb").is_file()


def test_only_the_named_kinds_are_written(exported, tmp_path):
    command = ["export", str(exported.model), "-o", str(tmp_path), "--kind"]
    done = CliRunner().invoke(deepcolor.cli.app, [*command, "network-small"])
    assert done.exit_code == 0 and "100.00% of pixels within a level" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["net-network-small.onnx"]
    done = CliRunner().invoke(deepcolor.cli.app, [*command, "networks"])
    assert done.exit_code != 0 and "`kinds` must be of saved-model" in str(done.exception)


def test_a_file_that_is_no_model_is_an_error(tmp_path):
    (tmp_path / "text.keras").write_text("no model")
    for name, message in (("absent.keras", "no model at"), ("text.keras", "not a model")):
        done = CliRunner().invoke(deepcolor.cli.app, ["export", str(tmp_path / name)])
        assert done.exit_code != 0 and message in str(done.exception)


def test_the_network_of_the_package_was_exported_from_the_model_that_ships():
    exported = open_session(PACKAGED_NETWORK).get_modelmeta().custom_metadata_map
    assert exported[SOURCE] == file_digest(SHIPPED_MODEL)


@pytest.mark.slow
def test_the_assignments_network_is_exported_at_its_own_size(tmp_path):
    autoencoder(64).save(tmp_path / "figure2.keras")
    made = {item.path.name: item for item in export_model(tmp_path / "figure2.keras", tmp_path)}
    session = open_session(tmp_path / "figure2-network.onnx")
    assert [taken.shape for taken in session.get_inputs()] == [["batch", 64, 64, 1]]
    session = open_session(tmp_path / "figure2-colorize.onnx")
    assert [taken.name for taken in session.get_inputs()] == ["photo", "strength"]
    assert made["figure2-colorize.onnx"].agreement == 1


@pytest.mark.slow
@pytest.mark.skipif(not SHIPPED_MODEL.is_file(), reason="the trained model is not there")
def test_the_shipped_model_agrees_in_every_format(tmp_path):
    made = {item.path.name: item for item in export_model(SHIPPED_MODEL, tmp_path)}
    tried = [item for item in made.values() if item.agreement is not None]
    assert len(tried) == 5 and min(item.agreement for item in tried) >= 0.999
    model = load_model(SHIPPED_MODEL)
    for graph in ("colorize", "colorize-small"):
        path = export_path(Path(SHIPPED_MODEL.name), graph, tmp_path)
        for photo in PHOTOS.values():
            for strength, temperature in SETTINGS:
                settings = {"strength": strength, "temperature": temperature}
                expected = coloriser(photo, model, **settings)
                assert np.mean(off(path, photo, expected, **settings) <= 1) >= 0.999
