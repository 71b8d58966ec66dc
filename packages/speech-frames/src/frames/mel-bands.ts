// The mel scale and its bands: triangles over the frequencies of a spectrum.

/** Of HTK (Young et al., The HTK Book, section 5.4): 2595 · log10(1 + f / 700). */
export function melOfHz(hz: number): number {
  return 2595 * Math.log10(1 + hz / 700);
}

/** The inverse of `melOfHz`. */
export function hzOfMel(mel: number): number {
  return 700 * (10 ** (mel / 2595) - 1);
}

/** What bands are made of. */
export interface MelBandSettings {
  /** Samples per second. */
  readonly sampleRate: number;
  /** Samples that a spectrum is made of; it has half as many frequencies, and one. */
  readonly fftSize: number;
  /** M. */
  readonly bands: number;
  /** Where the first band begins, and the last ends. */
  readonly lowestHz: number;
  readonly highestHz: number;
  /** As of `warpHz`; 1 leaves the bands where they are. */
  readonly warp: number;
}

/** One band: weights of the frequencies from number `first` on. */
export interface MelBand {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * M triangles, of which each begins at the peak of the one before it and ends at the peak of the next. Peaks are equally
 * far apart in mel; sides are straight in Hz and peaks are 1, as with torchaudio's `melscale_fbanks(norm=None,
 * mel_scale="htk")`. Throws `RangeError` for a band so narrow that no frequency of the spectrum is in it.
 */
export function melBands(settings: MelBandSettings): MelBand[] {
  const { sampleRate, fftSize, bands, lowestHz, highestHz, warp } = settings;
  const [lowest, highest] = [melOfHz(lowestHz), melOfHz(highestHz)];
  const corners = Array.from({ length: bands + 2 }, (_, i) =>
    warpHz(hzOfMel(lowest + ((highest - lowest) * i) / (bands + 1)), warp, highestHz, sampleRate),
  );
  return Array.from({ length: bands }, (_, band) => {
    const [from, peak, to] = [corners[band]!, corners[band + 1]!, corners[band + 2]!];
    const first = Math.floor((from * fftSize) / sampleRate) + 1;
    const end = Math.min(Math.ceil((to * fftSize) / sampleRate), fftSize / 2 + 1);
    if (end <= first) {
      throw new RangeError(
        `Cannot make mel bands: each must hold a frequency of the spectrum, ${(sampleRate / fftSize).toFixed(1)} Hz apart; band ${band} of ${bands} is ${from.toFixed(1)} to ${to.toFixed(1)} Hz`,
      );
    }
    const weights = Float64Array.from({ length: end - first }, (_, i) => {
      const hz = ((first + i) * sampleRate) / fftSize;
      return hz <= peak ? (hz - from) / (peak - from) : (to - hz) / (to - peak);
    });
    return { first, weights };
  });
}

/**
 * A frequency as a vocal tract of another length would have it: `warp` times as high up to a knee, from there straight to
 * half the sample rate, which stays (Jaitly and Hinton 2013, Vocal Tract Length Perturbation improves speech recognition).
 * The knee is at 0.85 of `highestHz`, lower where warping would lead beyond it.
 */
export function warpHz(hz: number, warp: number, highestHz: number, sampleRate: number): number {
  if (warp === 1) return hz;
  const half = sampleRate / 2;
  const top = 0.85 * highestHz * Math.min(warp, 1);
  const knee = top / warp;
  return hz <= knee ? hz * warp : half - ((half - top) / (half - knee)) * (half - hz);
}
