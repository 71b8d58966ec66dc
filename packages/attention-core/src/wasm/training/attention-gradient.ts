// The host's side of attention's gradient, and of attention with dropout on its weights.

import type { Attended } from "../../backend.ts";
import type { AttentionPlan } from "../../plan.ts";
import type { Tensor } from "../../tensor.ts";
import type { AttentionGradients, TrainingAttentionOptions } from "../../training.ts";
import type { KernelHost } from "../kernel-host.ts";

/** Attention whose options have dropout with a rate above 0: checks the arguments and submits the jobs. */
export function submitAttentionWithDropout(
  _host: KernelHost,
  _q: Tensor,
  _k: Tensor,
  _v: Tensor,
  _plan: AttentionPlan,
  _options: TrainingAttentionOptions,
): Attended {
  throw new Error("Cannot run attention: dropout is not there yet");
}

/** The gradient of attention: checks the arguments and submits the jobs. */
export function submitAttentionGradient(
  _host: KernelHost,
  _q: Tensor,
  _k: Tensor,
  _v: Tensor,
  _plan: AttentionPlan,
  _options: TrainingAttentionOptions,
  _attended: { readonly output: Tensor; readonly logSumExp: Tensor | null },
  _dy: Tensor,
): AttentionGradients {
  throw new Error("Cannot run attentionGradient: it is not there yet");
}
