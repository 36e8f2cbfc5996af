"""The web page and its HTTP service: `deepcolor app`.

The browser combines photo and colors with the graph `static/recolor.onnx`, so moving a slider
uploads nothing. The page uploads a small copy of each photo, or nothing in its in-browser mode;
API clients and browsers without JavaScript upload whole photos. The service keeps photos in memory
only: it neither stores nor logs them.
"""
