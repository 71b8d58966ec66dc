// A tagger of drawn weights, small enough to be made in a test, in a folder on disk.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeModelWeights, initialWeights, type ModelConfig } from "@saccade/attention-core";
import { packModel } from "@saccade/model-files";
import { writeModelDirectory } from "@saccade/model-files/node";
import { featureLayout, type WordFeatureConfig } from "@saccade/text-tokens";
import { afterAll } from "vitest";

const features: WordFeatureConfig = [{ kind: "word", form: "lower", vocabulary: [], hashRows: 64 }];
const labels = ["NOUN", "VERB", "DET", "PRON"];

/** A folder for the tests of a file, which goes when they end. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "saccade-test-"));
  afterAll(async () => rm(folder, { recursive: true }));
  return folder;
}

/** Writes the tagger into `folder`/tagger and returns that path. */
export async function writeTinyTagger(folder: string): Promise<string> {
  const { rows, columns } = featureLayout(features);
  const model: ModelConfig = {
    input: { kind: "embeddings", rows, columns },
    encoder: {
      layers: 1,
      width: 8,
      heads: 2,
      feedForwardWidth: 8,
      activation: "gelu",
      norm: "layer",
      placement: "pre",
      epsilon: 1e-5,
      positions: { kind: "none" },
    },
    head: { kind: "position-labels", labels: labels.length },
  };
  const files = await packModel({
    config: { name: "text/upos", model, labels, features, pattern: { kind: "full" }, sentences: "split" },
    weights: initialWeights(describeModelWeights(model), 1),
  });
  const path = join(folder, "tagger");
  await writeModelDirectory(path, files);
  return path;
}
