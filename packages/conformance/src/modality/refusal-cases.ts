// What is no input.

import type { InputError } from "@saccade/pipeline";
import { ConformanceError } from "../check/checker.ts";
import type { ModalityCase } from "./modality-case.ts";

/** Cases of inputs that the task must refuse. */
export function refusalCases(): ModalityCase[] {
  return [
    {
      group: "refusals",
      name: "featurize throws TypeError, RangeError or an error with a code, alone and among others, and says why",
      requires: "refused",
      async run({ inputs, refused, check, withProcessor }) {
        await withProcessor(async (processor) => {
          for (const [i, value] of refused.entries()) {
            for (const some of [[value], [...inputs, value]]) {
              const what = `featurize of refused value ${i}`;
              const { message } = await refusalOf(what, () => processor.featurize(some));
              check.that(
                `${what}: the message must say what cannot be done, it is ${message}`,
                message.startsWith("Cannot "),
              );
            }
          }
        });
      },
    },
    {
      group: "refusals",
      name: "among others it is named, and they get their outputs",
      requires: "refused",
      async run({ inputs, refused, check, equal, withPipeline }) {
        await withPipeline(async (pipeline) => {
          const expected = await pipeline.run(inputs);
          for (const value of refused) {
            const errors: InputError[] = [];
            const outputs = await pipeline.run([...inputs, value, ...inputs], {
              onInputError(error) {
                errors.push(error);
                return null;
              },
            });
            equal("outputs around a refused value", outputs, [...expected, null, ...expected]);
            check.same(
              "places of refused values",
              errors.map(({ index }) => index),
              [inputs.length],
            );
          }
        });
      },
    },
  ];
}

/** What `featurize` throws: one of the built-in classes, or one of the plugin's own, which has a code to catch it by. */
async function refusalOf(what: string, featurize: () => unknown): Promise<Error> {
  const rule = `${what}: must throw TypeError, RangeError or an error with a code`;
  let features: unknown;
  try {
    features = await featurize();
  } catch (error) {
    const isKnown = error instanceof TypeError || error instanceof RangeError;
    const hasCode = error instanceof Error && typeof (error as { readonly code?: unknown }).code === "string";
    if (isKnown || hasCode) return error;
    throw new ConformanceError(`${rule}, threw ${String(error)}`, { cause: error });
  }
  throw new ConformanceError(`${rule}, returned ${typeof features}`);
}
