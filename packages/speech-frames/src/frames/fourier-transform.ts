// The fast Fourier transform, from fourier-transform, which comes without types.

// @ts-expect-error: no declarations
import { fft as transform } from "fourier-transform";

/** Real and imaginary parts of the frequencies 0 to N / 2, [N / 2 + 1] each. */
export type Spectrum = readonly [real: Float64Array, imaginary: Float64Array];

/** Writes the spectrum of N real values to `output`; N is a power of two. */
export const fft: (values: Float64Array, output: Spectrum) => void = transform;
