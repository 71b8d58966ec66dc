// A convolution by attention, against the convolution: how far they are apart by α, backend and padding.

import { asyncDispose, type Backend, randomStream } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import type { Experiment, ExperimentContext, ExperimentReport, PlotSeries } from "../experiment.ts";
import { convolveByAttention } from "./construction.ts";
import { convolveGrid, type GridRows, type Kernel, type Padding } from "./convolution.ts";

const alphas = [1, 2, 4, 8, 16, 24, 46, 100] as const;
const sizes = [3, 5] as const;
const width = 4;
/** What the text promises. */
const tolerance = 1e-5;

/** The experiment. */
export const convolutionAsAttention: Experiment<Results> = {
  name: "convolution-as-attention",
  summary: "a K × K convolution as multi-head attention, equal to the direct convolution",
  data: [],
  minutes: { full: 0.1, quick: 0.05 },
  measure,
  report,
};

/** A grid of drawn pixels. */
export function drawnImage(rows: number, columns: number, seed: number): GridRows {
  const random = randomStream(seed, "image");
  return {
    rows,
    columns,
    values: Float32Array.from({ length: rows * columns * width }, () => 2 * random.uniform() - 1),
  };
}

/** A kernel of drawn values, as large as those of a network that was just initialised. */
export function drawnKernel(size: number, seed: number): Kernel {
  const random = randomStream(seed, `kernel ${size}`);
  const reach = 1 / Math.sqrt(size * size * width);
  const draw = (length: number): Float32Array =>
    Float32Array.from({ length }, () => (2 * random.uniform() - 1) * 2 * reach);
  return { size, width, values: draw(size * size * width * width), bias: draw(width) };
}

interface Line {
  readonly size: number;
  readonly backend: string;
  readonly errors: readonly number[];
}

/** The largest differences from the direct convolution. */
interface Results {
  readonly rows: number;
  readonly columns: number;
  readonly alphas: readonly number[];
  readonly lines: readonly Line[];
  readonly paddings: readonly PaddingLine[];
}

interface PaddingLine {
  readonly size: number;
  /** With a ring of zeros, from zero padding; without, from replicate padding; and one padding from the other. */
  readonly ring: number;
  readonly none: number;
  readonly apart: number;
}

async function measure({ backend, quick, signal }: ExperimentContext): Promise<Results> {
  const image = quick ? drawnImage(6, 5, 1) : drawnImage(12, 10, 1);
  const tried = quick ? alphas.filter((alpha) => [1, 8, 46].includes(alpha)) : alphas;
  const reference = createReferenceBackend();
  try {
    const lines: Line[] = [];
    for (const size of sizes) {
      for (const [name, device] of [
        ["WASM", backend],
        ["reference", reference],
      ] as const) {
        const errors: number[] = [];
        for (const alpha of tried) errors.push(await errorOf(device, image, size, alpha, "zero", signal));
        lines.push({ size, backend: name, errors });
      }
    }
    const paddings: PaddingLine[] = [];
    for (const size of sizes) {
      const kernel = drawnKernel(size, 2);
      const apart = largestDifference(convolveGrid(image, kernel, "zero"), convolveGrid(image, kernel, "replicate"));
      const [ring, none] = [
        await errorOf(backend, image, size, 46, "zero", signal),
        await errorOf(backend, image, size, 46, "replicate", signal),
      ];
      paddings.push({ size, ring, none, apart });
    }
    return { rows: image.rows, columns: image.columns, alphas: tried, lines, paddings };
  } finally {
    await reference[asyncDispose]();
  }
}

/** The largest difference of attention from the convolution with `padding`, with a ring of zeros if those are to pad. */
async function errorOf(
  backend: Backend,
  image: GridRows,
  size: number,
  alpha: number,
  padding: Padding,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  const kernel = drawnKernel(size, 2);
  const found = await convolveByAttention(backend, image, kernel, alpha, padding === "zero", signal);
  return largestDifference(convolveGrid(image, kernel, padding), found);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i += 1) {
    const difference = Math.abs(a[i]! - b[i]!);
    // Not a maximum: that would lose what is not a number.
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

function report({ rows, columns, alphas: tried, lines, paddings }: Results): ExperimentReport {
  const nameOf = ({ size, backend }: Line): string => `${size} × ${size}, ${backend}`;
  const enough = tried.find((_, a) =>
    lines.every(({ errors }) => errors.slice(a).every((error) => error <= tolerance)),
  );
  const [alpha, most] = [tried.at(-1)!, Math.max(...lines.map(({ errors }) => errors.at(-1)!))];
  return {
    title: "A convolution is a special case of multi-head attention",
    claim:
      "attention with K² heads and relative positions can express any K × K convolution (Cordonnier, Loukas and Jaggi 2020).",
    method: [
      `An image of ${rows} × ${columns} pixels of ${width} channels and kernels of 3 × 3 and 5 × 5, all drawn, go through an ordinary attention block of this library whose weights are written down as in the paper's proof: K² heads, one for each shift Δ, zeros for queries and keys, the table of its relative bias filled with -α · |δ - Δ|² + α · |Δ|².`,
      "A ring of zeros around the image stands for zero padding. It is compared with the convolution in plain loops, with sums in float64.",
    ],
    found: [
      enough === undefined
        ? `At no α that was tried were all within ${tolerance} of the convolution.`
        : `From α = ${enough} on every backend and kernel is within ${tolerance} of the convolution; at α = ${alpha} the largest difference is ${scientific(most)}, the rounding of float32.`,
      "With a ring of zeros that may be attended to it is zero padding; without the ring it is replicate padding, since the nearest pixel of the image then wins the softmax.",
    ],
    caveats: [
      "That such weights exist does not say that training finds them; and K² heads cost K² times the memory of one.",
      "Backends keep float32 between operations, the reference too: its sums are in float64, its results are rounded.",
    ],
    tables: [
      {
        title: "Largest difference from the direct convolution with zero padding, by α",
        columns: [
          { title: "kernel, backend" },
          ...tried.map((each) => ({ title: `α = ${each}`, align: "right" as const })),
        ],
        rows: lines.map((line) => [nameOf(line), ...line.errors.map(scientific)]),
      },
      {
        title: "Largest difference by padding, WASM, α = 46",
        columns: [
          { title: "kernel" },
          { title: "ring of zeros, from zero padding", align: "right" },
          { title: "no ring, from replicate padding", align: "right" },
          { title: "the two paddings apart", align: "right" },
        ],
        rows: paddings.map(({ size, ring, none, apart }) => [
          `${size} × ${size}`,
          ...[ring, none, apart].map(scientific),
        ]),
      },
    ],
    plots: [
      {
        name: "error",
        title: "A convolution written as attention: how far it is from the convolution",
        x: { title: "α, how sharply each head looks", kind: "log" },
        y: { title: "largest absolute difference", kind: "log" },
        series: lines.map((line): PlotSeries => ({
          name: nameOf(line),
          points: line.errors.map((error, a) => ({ x: tried[a]!, y: Math.max(error, 1e-9) })),
        })),
      },
    ],
  };
}

function scientific(value: number): string {
  return value === 0 ? "0" : value.toExponential(1);
}
