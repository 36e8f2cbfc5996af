"""A network as a SavedModel that goes from photos to photos, for TensorFlow Serving."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from colorization.export.signatures import PHOTO, build_signatures
from colorization.files import atomic_path

if TYPE_CHECKING:
    import keras

DEFAULT = "serving_default"


def write_saved_model(model: "keras.Model", folder: Path) -> None:
    """Write a SavedModel with a signature for each of `build_signatures`, and a default one.

    The default signature takes `photo` alone, and answers `colorized` at strength 1 with the
    network's regression.

    Args:
        model: As `build_signatures` takes it.
        folder: Made with its parents, or replaced. TensorFlow Serving wants a whole number for its
            name.

    Raises:
        RuntimeError: If Keras's backend is not TensorFlow.
        ValueError: If the model is not one.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            "a SavedModel is exported with TensorFlow as Keras's backend, received "
            f"{keras.backend.backend()}: set KERAS_BACKEND=tensorflow"
        )
    functions = build_signatures(model)

    def colorized(photo: Any) -> dict[str, Any]:
        return functions["colorize"].call(photo, 1.0, 0.0)

    # Endpoints track the variables that they use; `track` would write them twice.
    archive = keras.export.ExportArchive()
    archive.add_endpoint(DEFAULT, colorized, [PHOTO])
    for name, function in functions.items():
        archive.add_endpoint(name, function.call, function.signature)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(folder) as part:
        archive.write_out(str(part), verbose=False)
