// Features: rows, sets and pattern of inputs.

import { type AttentionPlan, compilePlan } from "@saccade/attention-core";
import type { ModalityFeatures } from "@saccade/pipeline";
import { ConformanceError } from "../check/checker.ts";
import type { ModalityCase } from "./modality-case.ts";

/** How far `positionsOf` may be off in total, as a factor. */
const estimateFactor = 4;

/** Cases of `featurize` and `positionsOf`. */
export function featureCases(): ModalityCase[] {
  return [
    {
      group: "features",
      name: "they are those that the model reads, in sets that belong to inputs in order",
      async run({ inputs, withProcessor }) {
        await withProcessor((processor) => {
          for (const some of [inputs, inputs.slice(0, 1), []]) {
            const features = processor.featurize(some);
            processor.network.checkFeatures(features);
            planOf(features);
            const owners = ownersOf(features);
            owners.forEach((input, set) => {
              if (input >= (owners[set - 1] ?? 0) && input < some.length) return;
              throw new ConformanceError(
                `inputOfSet must ascend within ${some.length} inputs, set ${set} belongs to ${input}`,
              );
            });
          }
        });
      },
    },
    {
      group: "features",
      name: "no inputs have no sets",
      async run({ check, withProcessor }) {
        await withProcessor((processor) => {
          const { offsets, values } = processor.featurize([]);
          check.same("offsets", offsets, [0]);
          check.same("number of values", [values.length], [0]);
        });
      },
    },
    {
      group: "features",
      name: "they are the same each time, and the inputs stay as they were",
      async run({ inputs, equal, withProcessor }) {
        await withProcessor((processor) => {
          const before = structuredClone(inputs);
          const first = arraysOf(processor.featurize(inputs));
          const copy = structuredClone(first);
          const second = arraysOf(processor.featurize(inputs));
          equal("features made twice", second, first);
          equal("features, after others were made", first, copy);
          equal("inputs", inputs, before);
        });
      },
    },
    {
      group: "features",
      name: "those of several inputs are those of each, end to end",
      async run({ inputs, check, withProcessor }) {
        await withProcessor((processor) => {
          const together = processor.featurize(inputs);
          const alone = inputs.map((input) => processor.featurize([input]));
          check.same(
            "values",
            together.values,
            alone.flatMap(({ values }) => Array.from(values)),
          );
          check.same("lengths of sets", lengths(together), alone.flatMap(lengths));
          check.same(
            "inputs of sets",
            ownersOf(together),
            alone.flatMap((features, input) => ownersOf(features).map(() => input)),
          );
          const pairs = alone.reduce((sum, features) => sum + planOf(features).pairs, 0);
          check.same("permitted pairs", [planOf(together).pairs], [pairs]);
        });
      },
    },
    {
      group: "features",
      name: "positionsOf is about right in total",
      async run({ inputs, check, withProcessor }) {
        await withProcessor((processor) => {
          if (!processor.positionsOf) return;
          const estimate = inputs.reduce<number>((sum, input) => sum + processor.positionsOf!(input), 0);
          const positions = processor.featurize(inputs).offsets.at(-1)!;
          const isNear = estimate <= positions * estimateFactor + 16 && positions <= estimate * estimateFactor + 16;
          const rule = `positionsOf must be within a factor of ${estimateFactor} in total`;
          check.that(`${rule}, it says ${estimate} and there are ${positions}`, isNear);
        });
      },
    },
  ];
}

function planOf({ offsets, pattern }: ModalityFeatures): AttentionPlan {
  return compilePlan(offsets, offsets, pattern);
}

function ownersOf({ offsets, inputOfSet }: ModalityFeatures): number[] {
  return inputOfSet ? Array.from(inputOfSet) : Array.from({ length: offsets.length - 1 }, (_, set) => set);
}

function lengths({ offsets }: ModalityFeatures): number[] {
  return Array.from(offsets.subarray(1), (end, set) => end - offsets[set]!);
}

/** What can be compared and cloned: a pattern may be a function, of which the plan is what counts. */
function arraysOf(features: ModalityFeatures): Readonly<Record<string, unknown>> {
  const { form } = planOf(features);
  const { offsets, values, convolutions, edges, inputOfSet } = features;
  return { offsets, values, convolutions, edges, inputOfSet, form };
}
