// Attention on the tape. Its gradient makes the weights again from the log-sum-exp, which is therefore asked for
// whether or not the caller wants it.

import {
  type Attended,
  type AttentionPlan,
  type Dropout,
  dispose,
  type Tensor,
  type TrainingAttentionOptions,
} from "@saccade/attention-core";
import { Held } from "./held.ts";
import { replaceMaps, tensorOfBias, withTensor, withVector } from "./maps.ts";
import type { Recorder } from "./recorder.ts";

/** `Workspace.attention`, recorded; `dropout` is that of the weights, null for none. */
export function recordAttention(
  tape: Recorder,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  plan: AttentionPlan,
  options: TrainingAttentionOptions,
  dropout: Dropout | null,
): Attended {
  const { device } = tape;
  const { bias, score, maps: asked, dropout: _, ...rest } = options;
  const queries = tape.held(q);
  const keys = tape.held(k);
  const values = tape.held(v);
  const biasHeld = bias ? tape.held(tensorOfBias(bias)) : null;
  const vector = score?.kind === "additive" ? tape.held(score.vector) : null;
  const inputs = [queries, keys, values, biasHeld, vector];
  const call: TrainingAttentionOptions = {
    ...rest,
    ...(bias && biasHeld && { bias: withTensor(bias, biasHeld.tensor) }),
    ...(score && { score: withVector(score, vector?.tensor ?? null) }),
    ...(dropout && { dropout }),
  };
  const needsLogSumExp = tape.tracks(inputs) && (options.normalizer ?? "softmax") === "softmax";
  const request = needsLogSumExp ? { ...asked, logSumExp: true } : asked;
  const attended = device.attention(queries.tensor, keys.tensor, values.tensor, plan, {
    ...call,
    ...(request && { maps: request }),
  });
  const logSumExp = needsLogSumExp && attended.maps.logSumExp ? new Held(attended.maps.logSumExp, false) : null;

  const output = tape.result(attended.output, inputs, (result) => ({
    saves: [...inputs, result, logSumExp],
    backward: ({ device: back, dy, give }) => {
      const made = back.attentionGradient(
        queries.tensor,
        keys.tensor,
        values.tensor,
        plan,
        call,
        { output: result.tensor, logSumExp: logSumExp?.tensor ?? null },
        dy,
      );
      give(queries, made.q);
      give(keys, made.k);
      give(values, made.v);
      if (made.bias) giveOrFree(give, biasHeld, made.bias);
      if (made.vector) giveOrFree(give, vector, made.vector);
    },
  }));
  if (!logSumExp) return { output, maps: replaceMaps(attended.maps, (tensor) => tape.constant(tensor)) };
  const { logSumExp: _own, ...others } = attended.maps;
  const maps = replaceMaps(others, (tensor) => tape.constant(tensor));
  if (asked?.logSumExp) return { output, maps: { ...maps, logSumExp: tape.handle(logSumExp) } };
  logSumExp.release();
  return { output, maps };
}

function giveOrFree(give: (to: Held, gradient: Tensor) => void, to: Held | null, gradient: Tensor): void {
  if (to) give(to, gradient);
  else gradient[dispose]();
}
