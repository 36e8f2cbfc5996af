"""Small films, networks that color them, and what ffmpeg says about a file."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SUBTITLES = "1\n00:00:00,000 --> 00:00:01,000\nBonjour\n"


def run_ffmpeg(*arguments: object) -> None:
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)],
        check=True,
        stdin=subprocess.DEVNULL,
    )


def picture(seconds: float = 1, size: str = "64x48", filters: str = "") -> list[str]:
    """The arguments for a gray test picture of ffmpeg's own, at 10 frames per second."""
    return ["-f", "lavfi", "-i", f"testsrc=duration={seconds}:size={size}:rate=10,hue=s=0{filters}"]


def tone(frequency: int = 440, seconds: float = 1) -> list[str]:
    return ["-f", "lavfi", "-i", f"sine=duration={seconds}:frequency={frequency}"]


def record(path: Path, *arguments: str, size: str = "64x48", filters: str = "") -> Path:
    """Write a film of a second; the arguments are those of its sound, and of its result."""
    options = ["-pix_fmt", "yuv420p"] if size == "64x48" else ["-pix_fmt", "yuv444p"]
    run_ffmpeg(*picture(size=size, filters=filters), *arguments, *options, f"file:{path}")
    return path


def describe(path: Path) -> str:
    """Return what ffmpeg prints about the streams and the metadata of a file."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-i", f"file:{path}"]
    return subprocess.run(command, capture_output=True, text=True, errors="replace").stderr


def read_frames(path: Path, width: int, height: int) -> np.ndarray:
    """Return the frames of a film: `(frames, height, width, 3)` int of 0 to 255."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", f"file:{path}"]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(data, np.uint8).reshape(-1, height, width, 3).astype(int)


def _save_network(path: Path, nodes: list, constants: dict[str, np.ndarray]) -> Path:
    shape = ["batch", "height", "width"]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("lightness", TensorProto.FLOAT, [*shape, 1])],
        [helper.make_tensor_value_info("chroma", TensorProto.FLOAT, [*shape, 2])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    return path


def save_red_network(path: Path) -> Path:
    """Save a network that predicts the same red everywhere."""
    nodes = [
        helper.make_node("Mul", ["lightness", "zeros"], ["both"]),
        helper.make_node("Add", ["both", "red"], ["chroma"]),
    ]
    return _save_network(path, nodes, {"zeros": np.zeros(2, "f"), "red": np.float32([40, 10])})


def save_slope_network(path: Path) -> Path:
    """Save a network that predicts a slope's steepness: for its mirror image, the contrary."""
    nodes = [
        helper.make_node("Transpose", ["lightness"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "slope"], ["ab"], pads=[0, 1, 0, 1]),
        helper.make_node("Transpose", ["ab"], ["chroma"], perm=[0, 2, 3, 1]),
    ]
    slope = np.float32([-20, 0, 20]).reshape(1, 1, 1, 3).repeat(2, axis=0)
    return _save_network(path, nodes, {"slope": slope})
