"""PyTorch in fp32 on this machine's card: scaled_dot_product_attention and matmul, for `bench --backend webgpu --torch FILE`.

Prints one line of JSON. Needs torch with CUDA and nothing else: `python3 torch-attention.py > FILE`. TensorFloat-32 is off.
Each form is held against float64 on sampled rows and heads before it is timed; the fastest right one is told.
"""

import json
import subprocess

import torch
import torch.nn.functional as functional
from torch.nn.attention import SDPBackend, sdpa_kernel

# Name, heads of 64, positions, causal: the cases of src/webgpu/shapes.ts.
ATTENTION = [
    *[(f"attention/dense/{n}", 12, n, False) for n in (128, 512, 1024, 2048, 4096)],
    ("attention/dense/4096/16-heads", 16, 4096, False),
    ("attention/causal/1024", 12, 1024, True),
    ("attention/causal/4096/16-heads", 16, 4096, True),
]
GEMM = [512, 1024, 4096]
FORMS = {"efficient": SDPBackend.EFFICIENT_ATTENTION, "math": SDPBackend.MATH, "cudnn": SDPBackend.CUDNN_ATTENTION}
TOLERANCE = 1e-3


def median_ms(call, turn_ms=20.0, turns=21):
    """Median milliseconds of a call, over turns of as many calls as fit, by events of the card."""

    def turn(calls):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(calls):
            call()
        end.record()
        end.synchronize()
        return start.elapsed_time(end)

    calls = 1
    while turn(calls) < turn_ms and calls < 4096:
        calls *= 2
    return sorted(turn(calls) / calls for _ in range(turns))[turns // 2]


def relative_error(found, wanted):
    return ((found.double() - wanted).abs().max() / wanted.abs().max()).item()


def measure_attention(name, heads, positions, causal):
    generator = torch.Generator("cuda").manual_seed(1)
    q, k, v = (torch.randn(1, heads, positions, 64, device="cuda", generator=generator) for _ in range(3))
    rows = torch.linspace(0, positions - 1, min(24, positions), device="cuda").long()
    scores = q[:, :, rows].double() @ k.double().transpose(-1, -2) / 8
    if causal:
        hidden = torch.arange(positions, device="cuda")[None, :] > rows[:, None]
        scores = scores.masked_fill(hidden, float("-inf"))
    wanted = scores.softmax(-1) @ v.double()
    found = []
    for form, backend in FORMS.items():
        try:
            with sdpa_kernel(backend):
                call = lambda: functional.scaled_dot_product_attention(q, k, v, is_causal=causal)
                error = relative_error(call()[:, :, rows], wanted)
                if error <= TOLERANCE:
                    found.append({"name": name, "form": f"attention, {form}", "ms": median_ms(call), "error": error})
        except RuntimeError:
            continue  # A form that does not take fp32.
    return found


def measure_gemm(size):
    generator = torch.Generator("cuda").manual_seed(1)
    x, weight = (torch.randn(size, size, device="cuda", generator=generator) for _ in range(2))
    error = relative_error(x[:24] @ weight, x[:24].double() @ weight.double())
    return [{"name": f"gemm/{size}", "form": "matmul", "ms": median_ms(lambda: x @ weight), "error": error}]


def nominal_gflops():
    """128 lanes a multiprocessor, a multiply-add each clock: the highest clock that the driver tells."""
    try:
        query = ["nvidia-smi", "--query-gpu=clocks.max.sm", "--format=csv,noheader,nounits"]
        megahertz = float(subprocess.run(query, capture_output=True, check=True, text=True).stdout.split()[0])
    except (OSError, ValueError, IndexError, subprocess.CalledProcessError):
        return None
    return 2 * 128 * torch.cuda.get_device_properties(0).multi_processor_count * megahertz / 1e3


def main():
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.set_float32_matmul_precision("highest")
    cases = [*map(measure_gemm, GEMM), *(measure_attention(*case) for case in ATTENTION)]
    run = {
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name(0),
        "nominalGflops": nominal_gflops(),
        "cases": [min(forms, key=lambda form: form["ms"]) for forms in cases if forms],
        "forms": [form for forms in cases for form in forms],
    }
    print(json.dumps(run))


if __name__ == "__main__":
    with torch.no_grad():
        main()
