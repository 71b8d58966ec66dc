// Recordings by another microphone, nearer or louder, and of another noise: frames as a distance from the clip's own loudness.

/** How frames are told from how loud their clip is. */
export interface FrameLevel {
  /** Energy this far below the clip's loudness, as a natural logarithm, is added to each: noise below it no longer shows. */
  readonly floor: number;
  /** The share, 0 to 1, of the mean of each band over the clip that is then taken away; default none. */
  readonly mean?: number;
}

/** The share of frames that are no louder than what counts as the loudness of a clip. */
const loudShare = 0.9;

/**
 * Log-mel frames [T, M] without the loudness of their clip, a copy: x becomes ln(exp(x - loudness) + exp(-floor)), where
 * loudness is the logarithm of the mean energy of a frame's bands, of the frame that nine of ten are not above. A gain
 * changes nothing, but where it reaches the least energy of `LogMelConfig`.
 */
export function levelFrames(frames: Float32Array, bands: number, { floor, mean = 0 }: FrameLevel): Float32Array {
  const loudness = loudnessOf(frames, bands);
  const least = Math.exp(-floor);
  const levelled = frames.map((value) => Math.log(Math.exp(value - loudness) + least));
  if (mean === 0) return levelled;
  const means = bandMeans(levelled, bands);
  return levelled.map((value, i) => value - mean * means[i % bands]!);
}

/** Mean of each band of frames [T, M]: [M]. */
export function bandMeans(frames: Float32Array, bands: number): Float64Array {
  const means = new Float64Array(bands);
  for (let i = 0; i < frames.length; i += 1) means[i % bands]! += frames[i]!;
  const rows = frames.length / bands;
  return means.map((sum) => sum / rows);
}

function loudnessOf(frames: Float32Array, bands: number): number {
  const T = frames.length / bands;
  if (T === 0) return 0;
  const energies = new Float64Array(T);
  for (let i = 0; i < frames.length; i += 1) energies[Math.floor(i / bands)]! += Math.exp(frames[i]!) / bands;
  return Math.log(energies.sort()[Math.floor(loudShare * (T - 1))]!);
}
