"""One photo has the same colors everywhere: with the command, the API, Python and the graphs."""

import io

import numpy as np
import pytest
import requests
import skimage.data
from PIL import Image
from tests.support.web_service import serve
from typer.testing import CliRunner

from colorization.color.lightness import check_photo
from colorization.data.image_io import read_photo
from colorization.inference.colorize import coloriser, predict_small_chroma
from colorization.inference.model_path import load_model
from deepcolor.cli import app
from deepcolor.colorize.onnx_network import (
    PACKAGED_GRAPH,
    PACKAGED_NETWORK,
    export_path,
    open_onnx,
    open_session,
)
from deepcolor.web.app import create_app
from deepcolor.web.colorizer import open_colorizer

PHOTO = skimage.data.chelsea()
ONE, ZERO = (np.array(value, np.float32) for value in (1, 0))


def by_command(exported, folder):
    Image.fromarray(PHOTO).save(folder / "photo.png")
    command = ["colorize", str(folder / "photo.png"), "-o", str(folder / "out.png"), "--force"]
    done = CliRunner().invoke(app, [*command, "--model", str(exported.model)])
    assert done.exit_code == 0, done.output
    return read_photo(folder / "out.png")


def by_service(exported, folder):
    file = io.BytesIO()
    Image.fromarray(PHOTO).save(file, "PNG")
    with serve(create_app(open_colorizer(exported.model))) as address:
        headers = {"Content-Type": "image/png"}
        answer = requests.post(
            f"{address}/api/colorize", file.getvalue(), headers=headers, timeout=60
        )
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def by_graph(exported, folder):
    session = open_session(export_path(exported.model, "colorize"))
    fed = {"photo": PHOTO[None], "strength": ONE, "temperature": ZERO}
    return session.run(None, fed)[0][0]


def by_graphs_of_the_page(exported, folder):
    predict, recolor = (
        open_session(export_path(exported.model, graph)) for graph in ("chroma", "recolor")
    )
    (chroma,) = predict.run(None, {"photo": PHOTO[None], "fast": ZERO, "temperature": ZERO})
    return recolor.run(None, {"photo": PHOTO[None], "chroma": chroma, "strength": ONE})[0][0]


@pytest.mark.parametrize("way", [by_command, by_service, by_graph, by_graphs_of_the_page])
def test_a_photo_has_the_colors_of_coloriser(way, exported, tmp_path):
    expected = coloriser(PHOTO, load_model(exported.model)).astype(int)
    off = np.abs(way(exported, tmp_path).astype(int) - expected).max(-1)
    assert np.mean(off <= 1) >= 0.999


def test_a_single_prediction_has_other_colors(exported):
    model = load_model(exported.model)
    fast = coloriser(PHOTO, model, fast=True).astype(int)
    assert np.abs(fast - coloriser(PHOTO, model)).mean() > 2


@pytest.mark.slow
def test_the_graph_that_ships_has_the_colors_of_the_network_that_ships():
    graph, network = open_session(PACKAGED_GRAPH), open_onnx(PACKAGED_NETWORK)
    nothing = {"hints": np.zeros((0, 5), np.float32), "kept": np.zeros(0, np.float32)}
    fed = {"photo": PHOTO[None], "fast": ZERO, "temperature": ZERO, **nothing}
    (found,) = graph.run(["chroma"], fed)
    shown = check_photo(PHOTO)
    expected = predict_small_chroma(network, shown)[1]
    assert found[0].shape == expected.shape, "export `chroma-small` again"
    assert np.abs(found[0] - expected).mean() < 0.5
