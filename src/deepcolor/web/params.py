"""What a client may ask for, beside the photo."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deepcolor.web.errors import RequestError

MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
}


class ColorizeParams(BaseModel):
    """Settings of a request, from its query and, in a form, from its fields."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    strength: Annotated[
        float, Field(ge=0, le=3, description="Saturation: 0 is gray, 1 as predicted, 1.3 vivid.")
    ] = 1.0
    temperature: Annotated[
        float | None,
        Field(
            ge=0.05,
            le=10,
            description="Choose among the likely colors instead of their accurate mean: 1 is "
            "dull, 0.38 lively, 0.15 vivid. Needs a network with classes.",
        ),
    ] = None
    format: Annotated[
        Literal["same", "jpeg", "png", "webp", "tiff"],
        Field(description="Of the result; PNG where the photo's own is none of these."),
    ] = "same"


def merge_params(wishes: ColorizeParams, fields: dict[str, str]) -> ColorizeParams:
    """Let a form's fields override the query.

    Args:
        wishes: From the query.
        fields: Of the form; empty ones are as if they were not there.

    Raises:
        RefusalError: 422 if a field's value is none of those allowed.
    """
    given = {name: value for name, value in fields.items() if value}
    try:
        return ColorizeParams.model_validate(wishes.model_dump() | given)
    except ValidationError as error:
        raise RequestError(422, "bad-setting", reason=validation_message(error.errors())) from None


def validation_message(errors: Any) -> str:
    """Tell in a line what is wrong with a client's settings.

    Args:
        errors: As pydantic lists them.
    """
    parts = []
    for error in errors:
        name = ".".join(str(part) for part in error["loc"] if part not in ("query", "body"))
        parts.append(f"{name}: {error['msg']}" if name else error["msg"])
    return "; ".join(parts)
