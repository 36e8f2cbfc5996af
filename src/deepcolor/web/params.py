"""Parameters of a request beside the photo, and the image formats of the service."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from colorization.config import MAX_STRENGTH, VIVID
from colorization.data.photo_formats import FORMATS
from colorization.inference.hints import MOST_HINTS
from deepcolor.colorize.hint_options import FORM, HINT_PATTERN
from deepcolor.web.http_errors import RequestError, validation_message

# The usual format of each kind that results are written in, by Pillow's name.
WRITABLE = {form.pillow: form for form in reversed(FORMATS) if form.writable}


class ColorizeParams(BaseModel):
    """Parameters from the query and from the fields of a form."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    strength: Annotated[
        float,
        Field(
            ge=0,
            le=MAX_STRENGTH,
            description=f"Factor on the colors: 0 is gray, 1 as predicted, {VIVID} vivid.",
        ),
    ] = 1.0
    format: Annotated[
        Literal["same", "jpeg", "png", "webp", "tiff"],
        Field(description="Format of the result. `same` gives PNG for formats not listed here."),
    ] = "same"
    hint: Annotated[
        list[Annotated[str, Field(pattern=HINT_PATTERN)]],
        Field(
            max_length=MOST_HINTS,
            description=f"A color that is known at a pixel of the photo, {FORM}. Repeat it for "
            "more; in a form, spaces stand between several.",
        ),
    ] = []


def merge_params(params: ColorizeParams, fields: dict[str, str]) -> ColorizeParams:
    """Override the query's parameters with the non-empty fields of a form."""
    given: dict[str, Any] = {name: value for name, value in fields.items() if value}
    if "hint" in given:
        given["hint"] = given["hint"].split()
    try:
        return ColorizeParams.model_validate(params.model_dump() | given)
    except ValidationError as error:
        raise RequestError(422, "bad-setting", reason=validation_message(error.errors())) from None
