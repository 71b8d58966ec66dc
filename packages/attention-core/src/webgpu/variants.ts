// What kernels may use beyond what every device has.

/** What was found on a device and gave right results, see `self-test.ts`. */
export interface Variants {
  /** Sums and maxima over the threads that run in step, without the workgroup's memory. */
  readonly subgroups: boolean;
  /**
   * Weights that float16 holds exactly take two bytes a number: see `halves.ts`. It is unpacked by a function that WGSL has
   * without any feature; all sums stay float32, as the contract has them, so that the feature shader-f16 is of no use.
   */
  readonly f16: boolean;
}

/** What every device can be held to. */
export const plainVariants: Variants = { subgroups: false, f16: false };
