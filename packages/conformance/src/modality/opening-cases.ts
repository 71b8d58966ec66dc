// What a modality says of itself, and opening it.

import { checkWeights } from "@saccade/attention-core";
import type { ModalityCase } from "./modality-case.ts";

/** Cases of opening. */
export function openingCases(): ModalityCase[] {
  return [
    {
      group: "opening",
      name: "the settings are plain data, so that they can cross to a worker",
      async run({ modality, equal }) {
        equal("settings and their clone", structuredClone(modality.settings), modality.settings);
      },
    },
    {
      group: "opening",
      name: "the network has the head of the task, and the weights of the model",
      async run({ modality, files, check, withProcessor }) {
        await withProcessor(async ({ network }) => {
          const kinds = `${modality.head}, that of the network is ${network.head.kind}`;
          check.that(`the head must be ${kinds}`, network.head.kind === modality.head);
          checkWeights(network.describeWeights(), await files.weights(), { finite: true });
        });
      },
    },
    {
      group: "opening",
      name: "a configuration of something else is refused with ModelMismatchError",
      async run({ modality, files, check }) {
        for (const config of [{}, null, "text", [], { model: {} }]) {
          const others = { ...bound(files), config };
          await check.throws(`open with the configuration ${JSON.stringify(config)}`, ["ModelMismatchError"], () =>
            modality.open(others, modality.settings),
          );
        }
      },
    },
    {
      group: "opening",
      name: "an aborted signal ends it with its reason, if it looks at all",
      async run({ modality, files, check }) {
        const reason = new Error("the signal's reason");
        const opened = await modality.open(bound(files), modality.settings, AbortSignal.abort(reason)).then(
          () => reason,
          (error: unknown) => error,
        );
        check.that(`open must reject with the signal's reason, it rejects with ${String(opened)}`, opened === reason);
      },
    },
  ];
}

/** Files whose methods can be spread. */
function bound<F extends { readonly [K in "weights" | "text" | "bytes"]: (...args: never[]) => unknown }>(files: F): F {
  const { weights, text, bytes } = files;
  return { ...files, weights: weights.bind(files), text: text.bind(files), bytes: bytes.bind(files) };
}
