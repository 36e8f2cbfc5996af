import numpy as np

from colorization.evaluation import figures

PHOTOS = [np.full((8, 6, 3), level, np.uint8) for level in (0, 120, 255)]
GRAYS = [photo[..., 0] for photo in PHOTOS]


def test_triptychs_have_a_column_for_each_photo_and_a_row_for_each_version():
    figure = figures.plot_triptychs(PHOTOS, GRAYS, PHOTOS, "title")
    assert len(figure.axes) == 9
    labels = [axis.get_ylabel() for axis in figure.axes if axis.get_ylabel()]
    assert labels == ["Original", "Noir et blanc", "Colorisée"]


def test_a_gray_photo_is_shown_on_the_full_scale():
    figure = figures.plot_triptychs(PHOTOS, GRAYS, PHOTOS, "title")
    images = [axis.images[0] for axis in figure.axes[3:6]]
    assert {image.get_clim() for image in images} == {(0, 255)}


def test_versions_have_a_row_for_each_name():
    figure = figures.plot_versions({"a": PHOTOS, "b": PHOTOS, "c": GRAYS, "d": PHOTOS})
    assert len(figure.axes) == 12
    assert [axis.get_ylabel() for axis in figure.axes if axis.get_ylabel()] == list("abcd")


def test_channels_are_shown_on_their_own_scales():
    figure = figures.plot_channels(PHOTOS[1])
    shown = [axis.images[0] for axis in figure.axes[1:4]]
    assert [image.get_clim() for image in shown] == [(0, 100), (-80, 80), (-80, 80)]
    np.testing.assert_allclose(shown[1].get_array(), 0, atol=0.01)


def test_learning_curves_show_both_losses_of_every_run():
    history = {"loss": [3.0, 2.0], "val_loss": [4.0, 5.0]}
    figure = figures.plot_learning_curves({"a": history, "b": history})
    for axis in figure.axes:
        assert [list(line.get_ydata()) for line in axis.lines] == [[3, 2], [4, 5]]
        assert list(axis.lines[0].get_xdata()) == [1, 2]
