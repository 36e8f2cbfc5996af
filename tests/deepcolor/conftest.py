import shutil
from os import environ
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from colorization.models.efficientnet import UNTRAINED_LITE0


class Exported(NamedTuple):
    model: Path  # its exports lie beside it
    output: str


@pytest.fixture(scope="session")
def exported(small_network, tmp_path_factory) -> Exported:
    """What `deepcolor export` makes of the small network."""
    from deepcolor.cli import app

    model = tmp_path_factory.mktemp("exported") / "net.keras"
    model.write_bytes(small_network.read_bytes())
    done = CliRunner().invoke(app, ["export", str(model), "--license", "for tests"])
    assert done.exit_code == 0, done.output
    return Exported(model, done.output)


@pytest.fixture(scope="session")
def hinted_model(tmp_path_factory) -> Path:
    """A network that was never trained and takes hints: it already spreads them."""
    import keras

    from colorization.models import unet_hints

    keras.utils.set_random_seed(0)
    path: Path = tmp_path_factory.mktemp("hinted") / "hinted.keras"
    unet_hints(encoder=UNTRAINED_LITE0).save(path)
    return path


@pytest.fixture(scope="session")
def slope_model(tmp_path_factory) -> Path:
    """A network that answers with a slope's steepness: of its mirror image, with the contrary."""
    import keras
    import numpy as np

    inputs = keras.Input((None, None, 1))
    slope = keras.layers.Conv2D(2, (1, 3), padding="same", use_bias=False)
    model = keras.Model(inputs, slope(inputs))
    slope.set_weights([np.float32([-20, 0, 20])[None, :, None, None].repeat(2, axis=-1)])
    path: Path = tmp_path_factory.mktemp("slope") / "slope.keras"
    model.save(path)
    return path


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def chromium():
    """A real browser: the one that CHROMIUM names, one on the path, or Playwright's own."""
    from playwright.sync_api import sync_playwright

    found = [environ.get("CHROMIUM"), *map(shutil.which, BROWSERS)]
    with sync_playwright() as playwright:
        path = next(filter(None, found), playwright.chromium.executable_path)
        if not Path(path).exists():
            # On a machine for CI, nothing is left out in silence.
            leave = pytest.fail if environ.get("CI") else pytest.skip
            leave("there is no Chromium: run `make browser`, or name one in CHROMIUM")
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()
