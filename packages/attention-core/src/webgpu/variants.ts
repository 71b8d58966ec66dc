// What kernels may use beyond what every device has.

/** Features that were found on a device and gave right results, see `self-test.ts`. */
export interface Variants {
  /** Sums and maxima over the threads that run in step, without the workgroup's memory. */
  readonly subgroups: boolean;
}

/** What every device has. The contract is float32: the feature f16 is not used. */
export const plainVariants: Variants = { subgroups: false };
