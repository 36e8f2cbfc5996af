"""answers.pdf: current, complete, and true of the measurements."""

import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from answers import build, collect, measurements, plots, values
from jinja2 import UndefinedError
from PIL import Image
from skimage.color import lab2rgb

from colorization.evaluation.eval_sets import EvalSet
from tests.support.networks import colorful_unet

ROOT = Path(__file__).parents[1]

TEXT = (ROOT / "answers" / "answers.md").read_text("utf-8")


@pytest.fixture(scope="module")
def known():
    return values.load(ROOT / "answers" / "results")


@pytest.fixture(scope="module")
def text(known):
    return build.render(TEXT, known)


# Another processor's arithmetic: without the vector units that NumPy uses when it finds them.
PLAIN = {"NPY_DISABLE_CPU_FEATURES": " ".join(np.show_config("dicts")["SIMD Extensions"]["found"]),
         "OPENBLAS_CORETYPE": "Nehalem"}  # fmt: skip


@pytest.mark.parametrize("processor", [{}, PLAIN], ids=["this processor", "one without vectors"])
def test_the_committed_pdf_is_what_its_sources_say(processor):
    done = subprocess.run(
        [sys.executable, "-m", "answers.build", "--check"],
        cwd=ROOT, capture_output=True, text=True, env=os.environ | processor,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_seventeen_questions_are_answered_in_order(text):
    parts = re.split(r"^## Question (\d+).*$", text, flags=re.MULTILINE)
    assert [int(number) for number in parts[1::2]] == list(range(1, 18))
    for answer in parts[2::2]:
        question, reply = re.fullmatch(r"\s*> ([^\n]+)\n\n(.+)", answer, re.DOTALL).groups()
        assert question.strip() and len(reply) > 100


def test_measurements_are_final(known):
    assert known["about"] == {"provisional": False}


def test_no_number_is_left_open_and_none_is_english(text):
    assert "{{" not in text and "{%" not in text
    sections, links = r"sections? \d\.\d|\(\d\.\d\)", r"\(https[^)]*\)"
    assert not re.search(r"\d\.\d", re.sub(f"{sections}|{links}", "", text))


def test_an_unknown_name_fails(known):
    for name in ("nothing", "evaluation.scores.validation.nobody.ab_mse | interval"):
        with pytest.raises(UndefinedError):
            build.render(f"{{{{ {name} }}}}", known)


def test_a_sentence_that_is_no_longer_true_fails(known):
    assert build.render("a{{ claim(1 < 2) }}", known) == "a"
    text = "True.{{ claim(1 < 2) }} False.{{ claim(2 < 1) }} Not\nso.{{ claim(false) }}"
    with pytest.raises(values.FalseClaimError, match=r"… True\. False\.\n… so\."):
        build.render(text, known)


def test_sentences_follow_what_is_measured(known, text):
    other = copy.deepcopy(known)
    ends = other["experiments"]["settings"]["classes"]
    ends[0]["chroma_ratio"], ends[-1]["chroma_ratio"] = (
        ends[-1]["chroma_ratio"],
        ends[0]["chroma_ratio"],
    )
    # The network's classes at T = 1 must stay above its regression.
    other["experiments"]["settings"]["regression"][2]["chroma_ratio"] = 0.0
    changed = build.render(TEXT, other)
    for said in ("Un résultat ne suit pas l'article", "Comme le dit l'article, baisser"):
        assert (said in text) != (said in changed)


def seeds_found(low, high):
    mean = {"mean": (low + high) / 2, "low": low, "high": high}
    found = {
        "before": [198.0, 200.0], "after": [192.0, 196.0], "seeds": 2, "seeds_better": 2,
        "photos": 100, "photos_better": 58, "difference": {"seeds": mean, "both": mean},
    }  # fmt: skip
    return {"validation": found, "elsewhere": found}


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-8.0, -2.0, "**Oui, un peu.**"),
        (-8.0, 1.0, "**Nos mesures ne permettent pas de le dire.**"),
        (2.0, 8.0, "**Non, il est un peu moins bon.**"),
    ],
)
def test_translations_are_judged_by_the_interval_over_seeds_and_photos(known, low, high, said):
    text = build.render(TEXT, known | {"seeds": seeds_found(low, high)})
    assert said in text
    assert ("contient zéro" in text) == (low < 0 < high)


@pytest.mark.parametrize(
    ("saturation", "said"), [(0.72, "surtout le rééquilibrage"), (1.1, "pas la plus grande part")]
)
def test_rebalancing_is_told_from_classification(known, saturation, said):
    heads = {
        name: [{"setting": 1.0, "chroma_ratio": ratio, "ab_mse": 200.0}]
        for name, ratio in (("rebalanced", 1.12), ("plain", saturation))
    }
    text = build.render(TEXT, known | {"rebalancing": heads})
    assert said in text


def test_the_error_at_the_truths_saturation_lies_between_two_settings():
    rows = [
        {"chroma_ratio": 1.2, "errors": [240.0, 100.0]},
        {"chroma_ratio": 0.8, "errors": [200.0, 60.0]},
    ]
    better = [row | {"errors": [error - 10 for error in row["errors"]]} for row in rows]
    found = values.compare_at_true_saturation({"regression": rows, "classes": better})
    assert found["regression"] == pytest.approx(150) and found["classes"] == pytest.approx(140)
    assert found["difference"] == pytest.approx({"mean": -10, "low": -10, "high": -10})
    pale = {"regression": rows, "classes": better[1:]}
    assert values.compare_at_true_saturation(pale) is None


def test_apostrophes_and_products_are_typographic():
    # Typst curls an apostrophe unless it is escaped, as pandoc escapes straight ones.
    document = build.to_typst("L'image de 64 × 64 pixels d'un U-Net : `l'un`", False)
    assert "L'image de 64~×~64 pixels d'un U\u2011Net~: `l'un`" in document


def test_numbers_are_written_in_french():
    assert values.french(1234.56, 1) == "1\u202f234,6"
    assert values.french(-0.5, 1) == "\u22120,5"
    found = {"mean": 2.0, "low": -1.0, "high": 3.5}
    assert values.interval(found, 1) == "2,0 [\u22121,0\u202f;\u202f3,5]"


def test_the_gamut_is_that_of_every_color_of_a_cube(known):
    from skimage.color import rgb2lab

    levels = np.linspace(0, 1, 18)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    ab = rgb2lab(cube)[0, :, 1:]
    found = [known["gamut"][name] for name in ("a_low", "b_low", "a_high", "b_high")]
    np.testing.assert_allclose(found, [*ab.min(axis=0), *ab.max(axis=0)])


def test_a_shift_moves_and_mirrors():
    row = np.arange(5.0)
    photo = np.broadcast_to(row[:, None], (1, 1, 5, 3))
    assert measurements.shift_photos(photo, 40)[0, 0, :, 0].tolist() == [1, 0, 0, 1, 2]
    assert measurements.shift_photos(photo, -40)[0, 0, :, 0].tolist() == [2, 3, 4, 4, 3]
    assert measurements.shift_photos(photo, 0)[0, 0, :, 0].tolist() == row.tolist()


def test_models_are_compared_photo_by_photo():
    rows = {"a": [{"ab_mse": v} for v in (1, 2, 3)], "b": [{"ab_mse": v} for v in (0, 1, 4)]}
    found = measurements.compare_models(rows, "a", "b")
    assert found["mean"] == pytest.approx(-1 / 3)
    assert (found["better"], found["photos"]) == (2, 3)
    assert found["low"] == -1 and found["high"] == 1


def test_ties_of_two_colors_have_two_modes_and_their_prediction_is_told_apart():
    truth = np.full((5, 128, 128, 3), 30, np.float32)
    truth[:2, ..., 1:], truth[2:4, ..., 1:], truth[4, ..., 1:] = (40, 20), (0, -40), (2, 2)
    truth[0, :, :60, 0] = 80  # fewer pixels of this tie have the lightness
    predicted = np.broadcast_to(np.float32([20, -10]), (5, 128, 128, 2))
    found = measurements.compare_ties(truth, predicted)
    assert found["modes"] == [[0, -40], [40, 20]]
    assert found["truth"]["mean_chroma"] > found["predicted"]["mean_chroma"]
    assert found["predicted"]["mean"] == [20, -10]
    colored = [photo["truth"] for photo in found["photos"]]
    assert colored == [[40, 20], [0, -40], [0, -40], [40, 20]]


def test_photos_without_ties_are_refused():
    truth = np.full((1, 128, 128, 3), 90, np.float32)
    with pytest.raises(ValueError, match="received 0 pixels of ties"):
        measurements.compare_ties(truth, truth[..., 1:])


def test_photos_with_nearly_equal_sides_are_square():
    shapes = ((100, 100), (100, 96), (90, 100), (178, 218))
    photos = [np.zeros((*shape, 3), np.float32) for shape in shapes]
    assert collect.count_squares(EvalSet("", ["a", "b", "c", "d"], photos)) == 2


def test_the_strips_of_photos_that_are_committed_are_those_that_are_shown():
    files = {path.name for path in (ROOT / "answers" / "results" / "photos").iterdir()}
    shown = set(re.findall(r'"((?:portrait|validation|elsewhere|vivid)-[\w-]+)"', TEXT))
    assert files == {f"{name}.jpg" for name in shown}


def test_results_are_small():
    files = [path for path in (ROOT / "answers" / "results").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 2e6
    for path in files:
        if path.suffix == ".json":
            json.loads(path.read_text("utf-8"))


def draw_ties(faces, folder):
    """Write the faces with a tie each, half red and half blue, both of L = 30."""
    folder.mkdir()
    red, blue = (np.rint(255 * lab2rgb([30.0, *ab])) for ab in ((29, 15), (7, -32)))
    for file in faces.iterdir():
        photo = np.array(Image.open(file).resize((128, 128)))
        photo[104:, 48:62], photo[104:, 62:76] = red, blue
        Image.fromarray(photo).save(folder / f"{file.stem}.png")


@pytest.fixture(scope="module")
def collected(faces, tmp_path_factory):
    """What is collected of networks that were not trained, on a few photos."""
    import keras

    from colorization.config import Evaluation, Preparation
    from colorization.data.prepare import write_records
    from colorization.data.sources import open_sources
    from colorization.data.splits import split_photos
    from colorization.models import autoencoder
    from deepcolor.local.evaluate import evaluate_networks

    folder = tmp_path_factory.mktemp("collected")
    paths = {n: folder / n for n in ("records", "networks", "unet", "evaluation", "results")}
    paths["records"].mkdir()
    paths["networks"].mkdir()
    draw_ties(faces, folder / "portraits")
    splits = split_photos(open_sources([folder / "portraits"], folder)[0], 0.25)
    write_records(splits, paths["records"], Preparation())
    for name in ("autoencoder", "autoencoder-translation", "autoencoder-momentum-0.99"):
        history = {"loss": [3.0] * 10, "val_loss": [5.0] * 10}
        (paths["networks"] / f"{name}-history.json").write_text(json.dumps(history))
        if "momentum" not in name:
            autoencoder().save(paths["networks"] / f"{name}.keras")
    paths["unet"] = folder / "deep-colorization.keras"
    colorful_unet().save(paths["unet"])
    keras.backend.clear_session()
    models = [*paths["networks"].glob("*.keras"), paths["unet"]]
    places = ([f"validation={paths['records']}"], [f"elsewhere={faces}"], [])
    evaluate_networks(models, *places, paths["evaluation"], Evaluation(32))
    collect.main(**paths, elsewhere=faces, publishable=["1*.jpg"])
    return paths["results"]


@pytest.mark.slow
def test_what_is_collected_has_every_number_chart_and_picture(collected, known, tmp_path):
    # Two experiments write files of their own.
    found = values.load(collected) | {name: known[name] for name in ("seeds", "rebalancing")}
    build.render(TEXT, found | {"claim": lambda holds: ""})
    plots.draw_all(found, tmp_path)
    committed = ROOT / "answers" / "results" / "photos"
    names = {path.name for path in (collected / "photos").iterdir()}
    assert names == {path.name for path in committed.iterdir()}


@pytest.mark.slow
def test_our_network_is_measured_beside_both_auto_encoders(collected):
    scores = values.load(collected)["evaluation"]["scores"]
    models = {"autoencoder", "autoencoder_translation", "deep_colorization"}
    assert all(models <= scores[name].keys() for name in ("validation", "elsewhere"))
