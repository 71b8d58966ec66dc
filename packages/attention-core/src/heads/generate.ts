// Sequences written token by token. All sets of a batch advance together; a set that is done takes no further part.

import type { Backend } from "../backend.ts";
import { checkInteger, largest } from "../config-checks.ts";
import { dispose } from "../disposal.ts";
import { checkInt32Array, checkOffsets, lengthsOf } from "../ragged.ts";
import { beamSearch } from "./beam-search.ts";
import type { GenerationConfig, GenerationWeights } from "./generation.ts";
import { greedySearch } from "./greedy-search.ts";
import type { GeneratedSequence, SearchOptions } from "./search.ts";
import { type Memory, openStepper, type Prompts } from "./stepper.ts";

/** How to generate. */
export interface GenerateOptions extends SearchOptions {
  /** What cross-attention reads; required where the decoder has `memoryWidth`. */
  readonly memory?: Memory | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Continues each of `prompts`, one sequence per set. Rejects with the reason of `signal` between layers once it
 * aborts; with `TypeError` or `RangeError` for options outside the allowed values, an empty prompt, and a memory that
 * is missing or not wanted.
 *
 * @example
 * const [sequence] = await generate(backend, config, weights, prompts, { stop: 2, maxLength: 50, signal });
 */
export async function generate(
  backend: Backend,
  config: GenerationConfig,
  weights: GenerationWeights,
  prompts: Prompts,
  options: GenerateOptions,
): Promise<GeneratedSequence[]> {
  checkPrompts(prompts);
  checkOptions(config, prompts, options);
  const stepper = openStepper(backend, config, weights, prompts, options.memory, options.signal);
  const search = (options.beams ?? 1) === 1 ? greedySearch : beamSearch;
  try {
    return await search(stepper, prompts.offsets.length - 1, config.vocabulary, options);
  } finally {
    stepper[dispose]();
  }
}

function checkPrompts({ tokens, offsets }: Prompts): void {
  checkInt32Array("generate", "prompt tokens", tokens);
  checkOffsets("generate", "prompt offsets", offsets);
  if (offsets.at(-1) !== tokens.length) {
    throw new RangeError(
      `Cannot generate: prompt offsets must end with ${tokens.length}, the number of tokens; they end with ${offsets.at(-1)}`,
    );
  }
  const empty = lengthsOf(offsets).indexOf(0);
  if (empty >= 0)
    throw new RangeError(`Cannot generate: every prompt must have at least one token, prompt ${empty} has none`);
}

function checkOptions(config: GenerationConfig, prompts: Prompts, options: GenerateOptions): void {
  const subject = "generation options";
  const { stop, maxLength, beams = 1, lengthPenalty = 0, memory } = options;
  checkInteger(subject, "maxLength", maxLength, 1, largest.count);
  checkInteger(subject, "beams", beams, 1, largest.heads);
  if (stop !== undefined) checkInteger(subject, "stop", stop, 0, config.vocabulary - 1);
  if (!(lengthPenalty >= 0 && lengthPenalty < Infinity)) {
    throw new RangeError(`Cannot use ${subject}: lengthPenalty must be a finite number >= 0, it is ${lengthPenalty}`);
  }
  if ((config.decoder.memoryWidth === undefined) !== (memory === undefined)) {
    throw new RangeError(
      `Cannot generate: a memory must be given exactly where the decoder has a memoryWidth, ${memory ? "one" : "none"} is given`,
    );
  }
  if (memory && memory.offsets.length !== prompts.offsets.length) {
    throw new RangeError(
      `Cannot generate: the memory must have a set for each of ${prompts.offsets.length - 1} prompts, it has ${memory.offsets.length - 1}`,
    );
  }
}
