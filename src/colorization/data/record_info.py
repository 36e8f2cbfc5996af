"""`info.json`, the description of a folder of records: written last, and checked when read."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from colorization.config import Preparation
from colorization.files import save_json

FORMAT = 2
ENCODING = "uint8 Lab: round(L * 255 / 100), round(a + 128), round(b + 128)"
INFO = "info.json"
SPLITS = ("train", "validation")


@dataclass(frozen=True)
class Shard:
    """One file of records."""

    file: str
    photos: int
    size: int  # bytes
    # SHA-256 of the lengths and checksums in the records, hexadecimal. Reading a record compares
    # its data with its checksum, so this pins the data, too.
    checksum: str


@dataclass(frozen=True)
class RecordInfo:
    """Description of a folder of records."""

    image_size: int  # side of every image, pixels
    splits: dict[str, list[Shard]]  # "train" and "validation"
    problems: dict[str, int]  # photos in `problems.jsonl` by kind

    def count(self, split: str) -> int:
        """Return the number of photos in a split."""
        return sum(shard.photos for shard in self.splits[split])


def save_info(folder: Path, info: RecordInfo) -> None:
    """Write `info.json` to a folder of shards."""
    counts = {split: info.count(split) for split in info.splits}
    header = {"format": FORMAT, "encoding": ENCODING, "photos": counts}
    save_json(folder / INFO, header | asdict(info))


def read_info(folder: Path) -> RecordInfo:
    """Read `info.json`, without a look at the shards.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is damaged, or of another format.
    """
    file = folder / INFO
    if not file.is_file():
        raise FileNotFoundError(f"{folder} holds no {INFO}: not records, or not finished")
    try:
        stated = _require("content", json.loads(file.read_text("utf-8")), dict)
        if (found := stated.get("format")) == FORMAT:
            return _parse(stated)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"{file} does not describe records: {error!r}") from error
    raise ValueError(f"{file} is of format {found}, this code reads {FORMAT}")


def _parse(stated: dict[str, Any]) -> RecordInfo:
    side = _require("image_size", stated["image_size"], int)
    Preparation(image_size=side)  # only sizes that it allows can have been written
    splits = {split: [_parse_shard(shard) for shard in stated["splits"][split]] for split in SPLITS}
    return RecordInfo(side, splits, _require("problems", stated["problems"], dict))


def _parse_shard(stated: dict[str, Any]) -> Shard:
    shard = Shard(**stated)
    _require("file", shard.file, str)
    _require("checksum", shard.checksum, str)
    if Path(shard.file).name != shard.file:
        raise ValueError(f"`file` must be a name in the folder, received {shard.file!r}")
    for name, count in (("photos", shard.photos), ("size", shard.size)):
        if _require(name, count, int) < 0:
            raise ValueError(f"`{name}` must not be negative, received {count}")
    return shard


def _require(name: str, value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"`{name}` must be {kind.__name__}, received {value!r}")
    return value
