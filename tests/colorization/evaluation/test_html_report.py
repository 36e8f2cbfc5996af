import re

import numpy as np
import pytest

from colorization.evaluation.eval_sets import EvalSet
from colorization.evaluation.gallery import draw_gallery
from colorization.evaluation.html_report import Extras, html_report
from colorization.evaluation.predictors import BASELINES
from colorization.evaluation.report import METRICS

NETWORK = "<unet>"


def summary(value):
    spread = {"mean": value, "low": value - 1, "high": value + 1}
    return {metric.name: spread for metric in METRICS}


@pytest.fixture(scope="module")
def page():
    photos = [np.full((40, 320, 3), (50, 10, 20), np.float32) for _ in range(6)]
    names = [f"{index}.jpg" for index in range(6)]
    scores = {name: summary(10.0 + index) for index, name in enumerate((*BASELINES, NETWORK))}
    results = {
        "sets": {"kept": {"photos": 6, "what": "faces", "groups": {"dark skin": 2}}},
        "scores": {"kept": scores},
        "groups": {"kept": {"dark skin": scores}},
    }
    predict = {NETWORK: lambda lightness: np.zeros((*lightness.shape, 2), np.float32)}
    errors = {NETWORK: [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]}
    gallery = draw_gallery(EvalSet("", names, photos), predict, errors, NETWORK)
    history = {"loss": [3.0, 2.0, 1.0], "val_loss": [4.0, 2.0, 3.0]}
    extras = Extras({"kept": gallery}, {NETWORK: history}, {"code": "abc123"})
    return html_report(results, extras)


def test_the_page_needs_no_other_file_and_escapes_names(page):
    assert "&lt;unet&gt;" in page and NETWORK not in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)


def test_the_page_begins_with_its_provenance_and_a_table_of_contents(page):
    assert page.index("abc123") < page.index('href="#set-0"') < page.index('id="set-0"')


def test_the_best_value_of_each_column_is_bold(page):
    table = page[page.index('<div class="table">') : page.index("</table>")]
    assert table.count("<b>") == len(METRICS)
    rows = {row.partition("</th>")[0]: row.count("<b>") for row in table.split('"row">')[1:]}
    higher = sum(metric.better == "higher" for metric in METRICS)
    assert (rows[BASELINES[0]], rows["&lt;unet&gt;"]) == (len(METRICS) - higher, higher)


def test_the_gallery_shows_six_photos_with_their_errors_from_best_to_worst(page):
    gallery = page[page.index('class="gallery"') :]
    assert gallery.count("data:image/webp") == 6 * 3
    assert re.findall(r"<small>(\d+)</small>", gallery) == list("123456")


def test_the_kept_epoch_is_marked(page):
    assert "epoch 2 of 3" in page and page.count("<circle") == 1


def test_pictures_are_small(page):
    assert len(page) < 60_000
