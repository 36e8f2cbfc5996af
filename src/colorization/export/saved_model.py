"""Write a network as a SavedModel from photos to photos, for TensorFlow Serving."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from colorization.export.signatures import PHOTO, build_signatures
from colorization.files import atomic_path

if TYPE_CHECKING:
    import keras

DEFAULT = "serving_default"


def write_saved_model(model: "keras.Model", folder: Path) -> None:
    """Write a SavedModel with the signatures of `build_signatures` and a default one.

    The default signature takes `photo` only and returns `colorized` at strength 1. TensorFlow
    Serving wants a whole number as the name of `folder`, which is replaced.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            "exporting a SavedModel needs Keras's backend 'tensorflow', received "
            f"{keras.backend.backend()!r}: set KERAS_BACKEND=tensorflow"
        )
    functions = build_signatures(model)

    def colorized(photo: Any) -> dict[str, Any]:
        return functions["colorize"].call(photo, 1.0, 0.0)

    # Endpoints track the variables that they use; `archive.track` would write them twice.
    archive = keras.export.ExportArchive()
    archive.add_endpoint(DEFAULT, colorized, [PHOTO])
    for name, function in functions.items():
        archive.add_endpoint(name, function.call, function.signature)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(folder) as part:
        archive.write_out(str(part), verbose=False)
