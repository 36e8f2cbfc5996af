import pytest

from deepcolor.colorize.announcement import announce
from deepcolor.colorize.plan import plan_jobs


@pytest.fixture(autouse=True)
def photos(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "album" / "sub").mkdir(parents=True)
    for name in ("a.jpg", "album/b.jpg", "album/sub/c.jpg", "album/d.mp4"):
        (tmp_path / name).touch()


@pytest.mark.parametrize(
    ("arguments", "output", "told"),
    [
        (["a.jpg"], None, "1 photo → a-colorized.jpg"),
        (["a.jpg", "album/b.jpg"], None, "2 photos → beside each, named NAME-colorized"),
        (["album"], None, "2 photos and 1 film → album-colorized/"),
        (["album"], "out", "2 photos and 1 film → out/"),
        (["."], None, "3 photos and 1 film → colorized/"),
        (["-"], None, "1 photo → standard output"),
        (["nowhere.jpg"], None, ""),
    ],
)
def test_it_is_said_how_many_results_go_where(arguments, output, told):
    assert announce(plan_jobs(arguments, output)) == told
