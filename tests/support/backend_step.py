"""One training step of the U-Net under the backend of KERAS_BACKEND; prints what it computed."""

import json

import keras
import numpy as np

from colorization.color.soft_encoding import annealed_mean
from colorization.models import unet
from colorization.models.efficientnet import PREFIX
from colorization.models.losses import ChromaError, SoftCrossEntropy

random = np.random.default_rng(0)
model = unet(32)
for layer in model.layers:
    if not layer.name.startswith(PREFIX):
        # At least 0, as a variance must be.
        layer.set_weights([random.normal(0, 0.1, w.shape) ** 2 for w in layer.get_weights()])
x = random.uniform(0, 100, (2, 32, 32, 1)).astype(np.float32)
y = random.integers(-60, 60, (2, 32, 32, 2)).astype(np.float32)
model.compile(
    keras.optimizers.SGD(1e-3),
    loss={"ab": ChromaError(), "bins": SoftCrossEntropy(random.uniform(0.1, 6, 313))},
    loss_weights={"ab": 0.01, "bins": 1.0},
)
losses = [float(model.train_on_batch(x, {"ab": y, "bins": y})[0]) for _ in range(2)]
outputs = model.predict_on_batch(x)
colors = keras.ops.convert_to_numpy(annealed_mean(outputs["bins"]))
print(
    json.dumps(
        {
            "backend": keras.backend.backend(),
            "losses": losses,
            "ab": outputs["ab"][0, ::8, ::8].ravel().tolist(),
            "colors": colors[0].ravel().tolist(),
        }
    )
)
