// What an author and a caller have inferred for them.

import { expectTypeOf, test } from "vitest";
import type { letters, words } from "../test/letters.ts";
import {
  createPipeline,
  type Modality,
  type ModalityFeatures,
  type Pipeline,
  type PipelineOf,
  type Processor,
} from "./index.ts";

test("a pipeline has the inputs and outputs of its task", () => {
  expectTypeOf<PipelineOf<typeof letters>>().toEqualTypeOf<Pipeline<string, number[][]>>();
  expectTypeOf<PipelineOf<typeof words>>().toEqualTypeOf<Pipeline<string, number[]>>();
  expectTypeOf(createPipeline<string, number[][], "position-labels", { readonly longest: number }>)
    .parameter(1)
    .toHaveProperty("settings");
});

test("scores are those of the head, and features those that the author makes", () => {
  interface Batch extends ModalityFeatures {
    readonly texts: readonly string[];
  }
  type Labelled = Processor<string, number, "set-label", Batch>;
  expectTypeOf<Labelled["decode"]>().parameter(2).toEqualTypeOf<Batch>();
  expectTypeOf<Labelled["decode"]>().parameter(0).not.toHaveProperty("offsets");
  expectTypeOf<Labelled>().toExtend<Processor<string, number, "set-label">>();
  expectTypeOf<"generate">().not.toExtend<Modality<string, number>["head"]>();
});
