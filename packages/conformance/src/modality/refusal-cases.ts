// What is no input.

import type { InputError } from "@saccade/pipeline";
import type { ModalityCase } from "./modality-case.ts";

/** Cases of inputs that the task must refuse. */
export function refusalCases(): ModalityCase[] {
  return [
    {
      group: "refusals",
      name: "featurize throws TypeError or RangeError, alone and among others, and says why",
      requires: "refused",
      async run({ inputs, refused, check, withProcessor }) {
        await withProcessor(async (processor) => {
          for (const [i, value] of refused.entries()) {
            for (const some of [[value], [...inputs, value]]) {
              const what = `featurize of refused value ${i}`;
              const error = await check.throws(what, ["TypeError", "RangeError"], () => processor.featurize(some));
              const { message } = error as Error;
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
