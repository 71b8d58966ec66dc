# Writes reference.safetensors with the reference implementation: pip install safetensors==0.8.0 numpy ml_dtypes
import os

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

tensors = {
    "embedding": np.array([[0.1, -2.5, 1e-3], [3e38, -1e-40, 0.0]], dtype=np.float32),
    "half": np.array([1, -0.333251953125, 6e-8, 65504], dtype=np.float16),
    "brain": np.array([[1.5, -3.140625]], dtype=ml_dtypes.bfloat16),
    "double": np.array(0.1, dtype=np.float64),
    "__proto__": np.zeros((0, 3), dtype=np.float32),
    "重み": np.array([7], dtype=np.float32),
}
metadata = {"format": "np", "made by": "safetensors 0.8.0"}
save_file(tensors, os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.safetensors"), metadata=metadata)
