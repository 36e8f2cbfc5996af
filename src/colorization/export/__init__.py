"""Colorizing as one TensorFlow graph, for runtimes without this project.

`deepcolor.export` makes ONNX files of the same functions; Kaggle's image has no converter for them.
"""
