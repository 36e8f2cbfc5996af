"""The web page and its service: `deepcolor app`.

A visitor's browser joins colors and photo itself, with the graph `static/recolor.onnx`: moving a
slider uploads nothing, and the page's photos leave the machine only as a small copy, or, in the
in-browser mode, not at all. Programs and browsers without JavaScript send whole photos. Photos are
worked on in memory and are neither written nor logged.
"""
