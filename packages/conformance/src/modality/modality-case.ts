// What a case of the suite for plugins is, apart from any test framework.

import { asyncDispose, dispose } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import {
  createPipeline,
  type LabelHead,
  type Modality,
  type OpenBackend,
  type Pipeline,
  type PipelineOptions,
  type Processor,
} from "@saccade/pipeline";
import { type Checker, createChecker } from "../check/checker.ts";
import { plainDifference } from "./plain-difference.ts";

/** The files of a model, as `openModel` of @saccade/model-files gives them. */
export type ModelFilesOf = Awaited<PipelineOptions<object>["model"]>;

/** What a plugin is tried with. */
export interface ModalityTrial<Input, Settings extends object = object> {
  /** Opens a model of the task. A small one with drawn weights will do. */
  readonly model: () => ModelFilesOf | Promise<ModelFilesOf>;
  /** What pipelines run on; its bits must not depend on batches. Default: the reference backend, which is slow. */
  readonly backend?: OpenBackend;
  readonly settings?: Partial<Settings>;
  /** Three inputs or more, of different lengths; if the task cuts long ones into sets, one that is cut. */
  readonly inputs: readonly Input[];
  /** Values that are no inputs of the task, of any type. */
  readonly refused?: readonly unknown[];
}

/** What a case runs with. Outputs and inputs are any; the suite only compares them. */
export interface ModalityContext {
  readonly modality: Modality<unknown, unknown>;
  readonly files: ModelFilesOf;
  readonly inputs: readonly unknown[];
  readonly refused: readonly unknown[];
  readonly check: Checker;
  /** Opens the task, hands the processor to `body`, and disposes it. */
  readonly withProcessor: <T>(body: (processor: Processor<unknown, unknown>) => T | Promise<T>) => Promise<T>;
  /** Opens a pipeline, hands it to `body`, and disposes it. */
  readonly withPipeline: <T>(
    body: (pipeline: Pipeline<unknown, unknown>) => Promise<T>,
    maxPositionsPerBatch?: number,
  ) => Promise<T>;
  /** Fails unless both are equal plain data. */
  readonly equal: (what: string, actual: unknown, expected: unknown) => void;
}

/** One demand of the contract. */
export interface ModalityCase {
  readonly group: "opening" | "features" | "outputs" | "refusals";
  readonly name: string;
  /** What the trial must hold for the case to apply. */
  readonly requires?: "refused";
  /** Throws where the plugin does not do what the contract says. */
  readonly run: (context: ModalityContext) => Promise<void>;
}

/** Runs one case. Rejects with what is wrong: `ConformanceError`, or what the plugin threw. */
export async function runModalityCase<Input, Output, H extends LabelHead, Settings extends object>(
  modalityCase: ModalityCase,
  modality: Modality<Input, Output, H, Settings>,
  trial: ModalityTrial<Input, Settings>,
): Promise<void> {
  const files = await trial.model();
  const settings = { ...modality.settings, ...trial.settings };
  const erased = modality as unknown as Modality<unknown, unknown>;
  const check = createChecker();
  await modalityCase.run({
    modality: erased,
    files,
    inputs: trial.inputs,
    refused: trial.refused ?? [],
    check,
    async withProcessor(body) {
      const processor = await erased.open(files, settings, new AbortController().signal);
      try {
        return await body(processor);
      } finally {
        processor[dispose]?.();
      }
    },
    async withPipeline(body, maxPositionsPerBatch = 4096) {
      const backends = [trial.backend ?? createReferenceBackend];
      const pipeline = await createPipeline(erased, { model: files, settings, backends, maxPositionsPerBatch });
      try {
        return await body(pipeline);
      } finally {
        await pipeline[asyncDispose]();
      }
    },
    equal(what, actual, expected) {
      const difference = plainDifference(actual, expected);
      check.that(`${what}: must be equal, they differ at ${difference}`, difference === null);
    },
  });
}
