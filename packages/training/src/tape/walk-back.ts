// The way back: recorded steps in reverse, each turning the gradient of its result into gradients of its arguments.

import type { TrainingWorkspace } from "@saccade/attention-core";
import { Held } from "./held.ts";
import type { Pullback } from "./recorder.ts";

/** An operation that was recorded. Its result is not held for it: only its identity counts. */
export interface RecordedStep extends Pullback {
  readonly result: Held;
}

/** Steps between checkpoints: work is queued in between, and memory comes back when it has run. */
const stepsBetweenCheckpoints = 8;

/**
 * The gradients of `leaves` from those of `seeds`. Empties `steps` from the end, letting go of what each one saved,
 * and of each gradient once it has been handed on.
 */
export async function walkBack(
  device: TrainingWorkspace,
  steps: RecordedStep[],
  seeds: readonly { readonly to: Held; readonly gradient: Float32Array }[],
  leaves: ReadonlySet<Held>,
): Promise<Map<Held, Held>> {
  const gradients = new Map<Held, Held>();
  const collect = (to: Held, gradient: Held): void => {
    const before = gradients.get(to);
    if (!to.tracked) gradient.release();
    else if (before) {
      gradients.set(to, new Held(device.add(before.tensor, gradient.tensor), false));
      before.release();
      gradient.release();
    } else gradients.set(to, gradient);
  };
  try {
    for (const { to, gradient } of seeds) collect(to, new Held(device.upload(gradient, to.tensor.shape), false));
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      const { result, saves, backward } = step;
      const dy = gradients.get(result);
      try {
        if (dy) {
          backward({
            device,
            dy: dy.tensor,
            give: (to, gradient) => collect(to, new Held(gradient, false)),
            pass: (to) => collect(to, dy.hold()),
          });
        }
      } finally {
        for (const saved of saves) saved?.release();
      }
      if (dy && !leaves.has(result)) {
        gradients.delete(result);
        dy.release();
      }
      if (steps.length % stepsBetweenCheckpoints === 0) await device.checkpoint();
    }
  } finally {
    // Where a step threw or the signal aborted, the rest goes with the workspace, but for the holds on weights.
    for (const { saves } of steps) for (const saved of saves) saved?.release();
    steps.length = 0;
  }
  for (const [to, gradient] of gradients) {
    if (leaves.has(to)) continue;
    gradients.delete(to);
    gradient.release();
  }
  return gradients;
}
