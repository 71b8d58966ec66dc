// The samples of a stream that are still needed, by their number in the stream.

/** Samples `first .. end) of a stream. */
export interface SampleBuffer {
  readonly first: number;
  readonly end: number;
  append(samples: Float32Array): void;
  /** A copy of samples `from .. to), which must be there. */
  slice(from: number, to: number): Float32Array;
  /** The same without a copy, until the next `append`. */
  view(from: number, to: number): Float32Array;
  dropBefore(index: number): void;
}

/** Opens an empty buffer. It grows to what is kept at a time, and no further. */
export function sampleBuffer(): SampleBuffer {
  let storage = new Float32Array(1024);
  /** Number of the first sample, its place in `storage`, and how many there are. */
  let [first, place, count] = [0, 0, 0];
  return {
    get first() {
      return first;
    },
    get end() {
      return first + count;
    },
    append(samples) {
      if (place + count + samples.length > storage.length) {
        // Twice as much room as is needed: what is kept moves once in so many samples, however small chunks are.
        const roomy = new Float32Array(Math.max(storage.length, 2 * (count + samples.length)));
        const target = count + samples.length > storage.length / 2 ? roomy : storage;
        target.set(storage.subarray(place, place + count));
        [storage, place] = [target, 0];
      }
      storage.set(samples, place + count);
      count += samples.length;
    },
    slice: (from, to) => storage.slice(place + from - first, place + to - first),
    view: (from, to) => storage.subarray(place + from - first, place + to - first),
    dropBefore(index) {
      const dropped = Math.min(Math.max(0, index - first), count);
      first += dropped;
      place += dropped;
      count -= dropped;
    },
  };
}
