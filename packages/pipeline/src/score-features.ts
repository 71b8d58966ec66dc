// Scores and maps of the sets of a batch. An input of many sets, such as an hour of speech, is more than one forward pass
// should hold: its sets go through the network in parts, and memory is that of a part.

import { dispose, type Features, type HeadScores, type Network, readScores } from "@saccade/attention-core";
import { batchMapRequest, readMaps } from "./batch-maps.ts";
import { cutSets } from "./batches.ts";
import type { ComputeOptions } from "./compute-batch.ts";
import type { Device, LoadedModel } from "./device.ts";
import type { SetMaps } from "./maps.ts";
import type { LabelHead } from "./modality.ts";

/** What the sets of a batch came to. */
export interface ScoredFeatures {
  readonly scores: HeadScores[LabelHead];
  /** One for each set where maps were asked for, else none. */
  readonly sets: readonly SetMaps[];
}

/**
 * The scores of all sets, in parts of at most `mostPositions` positions (a set that has more is a part of its own) where
 * the network can take features apart. What a part gives does not depend on how they are cut. A backend that is lost
 * repeats the part that it was lost under. Rejects as `Device.use` does.
 */
export async function scoreFeatures(
  device: Device,
  network: Network,
  features: Features,
  mostPositions: number,
  options: ComputeOptions,
): Promise<ScoredFeatures> {
  const { signal, onShare } = options;
  const { offsets } = features;
  const [sets, positions] = [offsets.length - 1, offsets.at(-1)!];
  const { labels, kind } = network.head;
  const isByPosition = kind === "position-labels";
  const values = new Float32Array((isByPosition ? positions : sets) * labels);
  const maps: SetMaps[] = [];
  for (const { from, end, part } of partsOf(network, features, mostPositions)) {
    const [first, last] = [offsets[from]!, offsets[end]!];
    const tellShare = (share: number): void =>
      onShare(positions === 0 ? share : (first + share * (last - first)) / positions);
    const scored = await device.use(signal, (loaded) =>
      scorePart(loaded, network, part, { ...options, onShare: tellShare }),
    );
    values.set(scored.scores.values, (isByPosition ? first : from) * labels);
    maps.push(...scored.sets);
  }
  return { scores: isByPosition ? { values, labels, offsets } : { values, labels }, sets: maps };
}

function* partsOf(
  network: Network,
  features: Features,
  mostPositions: number,
): Generator<{ readonly from: number; readonly end: number; readonly part: Features }> {
  const { offsets } = features;
  const sets = offsets.length - 1;
  if (sets === 0) return;
  if (sets === 1 || offsets.at(-1)! <= mostPositions || network.sliceFeatures === undefined) {
    yield { from: 0, end: sets, part: features };
    return;
  }
  // A mistake in them is told of the whole, not of a part that nobody gave.
  network.checkFeatures(features);
  for (const { from, end } of cutSets(offsets, mostPositions)) {
    yield { from, end, part: network.sliceFeatures(features, from, end) };
  }
}

async function scorePart(
  { backend, run }: LoadedModel,
  network: Network,
  part: Features,
  { signal, onShare, explain }: ComputeOptions,
): Promise<ScoredFeatures> {
  const workspace = backend.workspace(signal);
  try {
    const result = await run(backend, workspace, part, {
      onProgress: (done, total) => onShare(done / (total + 1)),
      ...(explain && batchMapRequest(explain, part, network)),
    });
    const scores = await readScores(workspace, network, result, part.offsets);
    onShare(1);
    const sets = explain ? await readMaps(workspace, backend, network, part, result, explain) : [];
    return { scores, sets };
  } finally {
    workspace[dispose]();
  }
}
