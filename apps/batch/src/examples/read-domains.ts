// A recording, molecules, a citation graph and a picture through the models that are shipped.

import { readFile } from "node:fs/promises";
import {
  attendingNodes,
  citations,
  neighborRows,
  type NodeLabel,
  nodeWeights,
  type WeightedEdges,
} from "@saccade/graph-nodes";
import { lipophilicity, type MoleculeValue, solubility } from "@saccade/graph-nodes/molecules";
import { clothing, heatMap, type HeatMap, type ImageLabel, rolloutFrom } from "@saccade/image-patches";
import { decodeImage } from "@saccade/image-patches/node";
import type { ModelSource } from "@saccade/model-files";
import type { SetMaps } from "@saccade/pipeline";
import { digitStrings, type DigitString, frames, readWav, type Segment } from "@saccade/speech-frames";
import { type SamplePaper, sampleGraph } from "../samples/citation-graph.ts";
import type { SampleMolecule } from "../samples/molecules.ts";
import { type ReadingSummary, type SampleReader, sampleReader } from "./sample-reader.ts";

/** The models that samples are read with. */
export interface DomainModels {
  readonly frames: ModelSource;
  readonly digitStrings: ModelSource;
  readonly solubility: ModelSource;
  readonly lipophilicity: ModelSource;
  readonly citations: ModelSource;
  readonly clothing: ModelSource;
}

/** The samples: two files, molecules and papers. */
export interface DomainSamples {
  readonly recording: URL;
  readonly picture: URL;
  readonly molecules: readonly SampleMolecule[];
  readonly papers: readonly SamplePaper[];
}

/** What is heard in a recording. */
export interface HeardRecording {
  readonly seconds: number;
  readonly sampleRate: number;
  readonly digits: DigitString | null;
  readonly segments: readonly Segment[] | null;
}

/** A molecule, with what is predicted of it and the shares of its atoms in the first of that. */
export interface JudgedMolecule {
  readonly molecule: SampleMolecule;
  readonly solubility: MoleculeValue | null;
  readonly lipophilicity: MoleculeValue | null;
  /** Of the attention that led to the solubility, for each atom. */
  readonly shares: readonly number[];
}

/** Papers with their labels, and for each how much it looks at itself and those beside it. */
export interface LabelledPapers {
  readonly labels: readonly NodeLabel[];
  readonly edges: WeightedEdges;
  /** Of the last layer, mean over heads, for each edge. */
  readonly weights: readonly number[];
}

/** A picture with its label, and where the model looked. */
export interface JudgedPicture {
  readonly label: ImageLabel;
  readonly map: HeatMap;
}

/** What the models say of the samples; null where a model is missing. */
export interface ReadDomains extends ReadingSummary {
  readonly recording: HeardRecording;
  readonly molecules: readonly JudgedMolecule[];
  readonly papers: LabelledPapers | null;
  readonly picture: JudgedPicture | null;
}

/** Reads the samples. Rejects with the reason of `signal`, or for models that are damaged. */
export async function readDomains(
  samples: DomainSamples,
  models: DomainModels,
  signal: AbortSignal,
): Promise<ReadDomains> {
  const reader = sampleReader(signal);
  return {
    recording: await hear(reader, samples.recording, models, signal),
    molecules: await judgeMolecules(reader, samples.molecules, models, signal),
    papers: await labelPapers(reader, samples.papers, models, signal),
    picture: await judgePicture(reader, samples.picture, models, signal),
    ...reader.summary(),
  };
}

async function hear(
  reader: SampleReader,
  file: URL,
  models: DomainModels,
  signal: AbortSignal,
): Promise<HeardRecording> {
  const audio = readWav(await readFile(file, { signal }));
  const digits = await reader.read(digitStrings, models.digitStrings, async (pipeline) => {
    const [result] = await pipeline.run([audio], { signal });
    return { result: result!, numbers: [result!.logProbability] };
  });
  const labelled = await reader.read(frames, models.frames, async (pipeline) => {
    const [result] = await pipeline.run([audio], { signal });
    return { result: result!, numbers: Array.from(result!.scores) };
  });
  const { samples, sampleRate } = audio;
  return { seconds: samples.length / sampleRate, sampleRate, digits, segments: labelled?.segments ?? null };
}

async function judgeMolecules(
  reader: SampleReader,
  molecules: readonly SampleMolecule[],
  models: DomainModels,
  signal: AbortSignal,
): Promise<JudgedMolecule[]> {
  const smiles = molecules.map((molecule) => molecule.smiles);
  const solved = await reader.read(solubility, models.solubility, async (pipeline) => {
    const result = await pipeline.explain(smiles, { edges: true, columnSums: true }, { signal });
    return { result, numbers: result.map(({ output }) => output.value) };
  });
  const divided = await reader.read(lipophilicity, models.lipophilicity, async (pipeline) => {
    const result = await pipeline.run(smiles, { signal });
    return { result, numbers: result.map(({ value }) => value) };
  });
  return molecules.map((molecule, n) => ({
    molecule,
    solubility: solved?.[n]!.output ?? null,
    lipophilicity: divided?.[n] ?? null,
    shares: solved ? sharesOf(solved[n]!.output, solved[n]!.sets[0]!) : [],
  }));
}

function sharesOf({ atoms, edges }: MoleculeValue, maps: SetMaps): number[] {
  return Array.from(nodeWeights(atoms.length, edges, maps));
}

async function labelPapers(
  reader: SampleReader,
  papers: readonly SamplePaper[],
  models: DomainModels,
  signal: AbortSignal,
): Promise<LabelledPapers | null> {
  const graph = sampleGraph(papers);
  return reader.read(citations, models.citations, async (pipeline) => {
    const [explained] = await pipeline.explain([graph], { edges: true, meanOverHeads: true }, { signal });
    const { output, sets } = explained!;
    const weights = Array.from(sets[0]!.layers.at(-1)!.edges!);
    const plain = neighborRows(graph);
    const rows = plain.indices.length === weights.length ? plain : neighborRows(graph, { selfLoops: true });
    const result = { labels: output, edges: { from: rows.indices, to: attendingNodes(rows) }, weights };
    return { result, numbers: [...output.map(({ score }) => score), ...weights] };
  });
}

async function judgePicture(
  reader: SampleReader,
  file: URL,
  models: DomainModels,
  signal: AbortSignal,
): Promise<JudgedPicture | null> {
  const image = await decodeImage(await readFile(file, { signal }), { signal });
  // The model knows light clothes on black.
  const onLight = { ...clothing, settings: { invert: "light-ground" as const } };
  return reader.read(onLight, models.clothing, async (pipeline) => {
    const [explained] = await pipeline.explain([image], { full: true, meanOverHeads: true }, { signal });
    const { layers } = explained!.sets[0]!;
    const pooling = layers.at(-1)!;
    const weights = rolloutFrom(pooling.full!.subarray(0, pooling.keys), layers.slice(0, -1));
    const side = Math.round(Math.sqrt(pooling.keys));
    const map = heatMap(weights, [side, side], image);
    return {
      result: { label: explained!.output, map },
      numbers: [...explained!.output.labels.map(({ score }) => score), ...weights],
    };
  });
}
