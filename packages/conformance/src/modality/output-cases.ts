// Outputs, through a pipeline on the reference backend, whose bits do not depend on the batch.

import type { ModalityCase } from "./modality-case.ts";

/** Cases of `decode`. */
export function outputCases(): ModalityCase[] {
  return [
    {
      group: "outputs",
      name: "an input has the output that it has alone, wherever it stands",
      async run({ inputs, equal, withPipeline }) {
        await withPipeline(async (pipeline) => {
          const together = await pipeline.run(inputs);
          for (const [i, input] of inputs.entries()) {
            equal(`output ${i} alone and in a batch`, (await pipeline.run([input]))[0], together[i]);
          }
          const reversed = await pipeline.run(inputs.toReversed());
          equal("outputs of the inputs in another order", reversed.toReversed(), together);
          equal("outputs of the inputs given twice", await pipeline.run([...inputs, ...inputs]), [
            ...together,
            ...together,
          ]);
          equal("outputs of no inputs", await pipeline.run([]), []);
        });
      },
    },
    {
      group: "outputs",
      name: "they do not depend on how batches are cut, nor on what runs beside them",
      async run({ inputs, equal, withPipeline }) {
        const together = await withPipeline((pipeline) => pipeline.run(inputs));
        await withPipeline(async (pipeline) => {
          const calls = await Promise.all([pipeline.run(inputs), pipeline.run(inputs.toReversed())]);
          equal("outputs of small batches", calls[0], together);
          equal("outputs of a call beside it", calls[1]!.toReversed(), together);
          const streamed: unknown[] = [];
          for await (const output of pipeline.stream(inputs)) streamed.push(output);
          equal("outputs of a stream", streamed, together);
        }, 1);
      },
    },
    {
      group: "outputs",
      name: "they are plain data, so that they can come from a worker",
      async run({ inputs, equal, withPipeline }) {
        const outputs = await withPipeline((pipeline) => pipeline.run(inputs));
        equal("outputs and their clones", structuredClone(outputs), outputs);
      },
    },
    {
      group: "outputs",
      name: "maps cover the positions of each input",
      async run({ inputs, check, equal, withPipeline, withProcessor }) {
        const request = { columnSums: true, meanOverHeads: true };
        const explained = await withPipeline((pipeline) => pipeline.explain(inputs, request));
        const outputs = await withPipeline((pipeline) => pipeline.run(inputs));
        equal(
          "outputs with maps and without",
          explained.map(({ output }) => output),
          outputs,
        );
        await withProcessor((processor) => {
          const positions = inputs.map((input) => processor.featurize([input]).offsets.at(-1)!);
          const covered = explained.map(({ sets }) =>
            sets.reduce((sum, { layers }) => sum + (layers[0]?.keys ?? 0), 0),
          );
          if (explained.some(({ sets }) => sets.some(({ layers }) => layers.length > 0))) {
            check.same("positions of maps", covered, positions);
          }
        });
      },
    },
  ];
}
