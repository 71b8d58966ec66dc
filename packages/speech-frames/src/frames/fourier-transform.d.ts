// What is used of fourier-transform, which comes without types.

declare module "fourier-transform" {
  /** The spectrum of real values, a power of two of them: real and imaginary parts of the N / 2 + 1 frequencies from 0 up. */
  export function fft(
    input: Float64Array,
    output?: readonly [real: Float64Array, imaginary: Float64Array],
  ): readonly [real: Float64Array, imaginary: Float64Array];
}
