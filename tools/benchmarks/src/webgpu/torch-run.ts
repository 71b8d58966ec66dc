// What `peers/torch-attention.py` prints: PyTorch in fp32 on the same card.

/** The card and its figures. */
export interface TorchRun {
  readonly torch: string;
  readonly device: string;
  /** By multiprocessors and highest clock; null where the clock is not told. */
  readonly nominalGflops: number | null;
  readonly cases: readonly TorchCase[];
}

/** One case, by the fastest of its forms that is right. */
export interface TorchCase {
  /** As here. */
  readonly name: string;
  readonly form: string;
  readonly ms: number;
  /** Against float64, relative to the scale of the answer. */
  readonly error: number;
}

/** Reads what the script printed. Throws `TypeError` for anything else. */
export function parseTorchRun(text: string): TorchRun {
  const run = JSON.parse(text) as Partial<TorchRun>;
  const isRun =
    typeof run.torch === "string" &&
    typeof run.device === "string" &&
    Array.isArray(run.cases) &&
    run.cases.every(({ name, ms }: Partial<TorchCase>) => typeof name === "string" && typeof ms === "number");
  if (!isRun) throw new TypeError("Cannot read figures of PyTorch: they must be what torch-attention.py prints");
  return run as TorchRun;
}
