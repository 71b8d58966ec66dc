// Gradients of what treats every element alike, and dropout.

import type { Activation } from "../../backend.ts";
import { sizeOf, type Tensor } from "../../tensor.ts";
import { type Dropout, mix } from "../../training.ts";
import type { KernelHost } from "../kernel-host.ts";
import { activationCodes, floatBits } from "../kernels.ts";
import { forStretches, moveCost } from "../rows.ts";

/** Queues dy · act′(x). */
export function submitActivateGradient(host: KernelHost, x: Tensor, activation: Activation, dy: Tensor): Tensor {
  const out = host.make(x.shape, "f32");
  const [xAt, dyAt, outAt] = [host.address(x), host.address(dy), host.address(out)];
  const code = activationCodes[activation];
  forStretches(sizeOf(x.shape), (rows, width, first) => {
    host.kernel("activateGradient", rows, width * 48, [
      xAt + 4 * first,
      dyAt + 4 * first,
      outAt + 4 * first,
      width,
      code,
    ]);
  });
  return out;
}

/** Queues x with elements dropped. */
export function submitDropout(host: KernelHost, x: Tensor, { rate, seed }: Dropout): Tensor {
  const out = host.make(x.shape, "f32");
  const [from, to] = [host.address(x), host.address(out)];
  // A hash stays from here on; a rate so close to 1 that none is left would not fit.
  const threshold = Math.min(Math.ceil(rate * 2 ** 32), 2 ** 32 - 1);
  const rest = [mix(seed), threshold, floatBits(1 / (1 - rate))];
  forStretches(sizeOf(x.shape), (rows, width, first) => {
    host.kernel("dropout", rows, 2 * width * moveCost, [from + 4 * first, to + 4 * first, width, first, ...rest]);
  });
  return out;
}
