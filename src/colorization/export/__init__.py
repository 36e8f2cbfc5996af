"""Colorizing as one graph, for runtimes that know nothing of this project.

`frames` and `colors` hold `coloriser`'s algorithm as TensorFlow operations, `functions` joins it
with a network, `saved_model` writes it for TensorFlow Serving. ONNX files are made of the same
functions, by `deepcolor.export`, because Kaggle's image has no converter.
"""
