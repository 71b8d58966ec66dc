// The host's side of attention's gradient, and of attention with dropout on its weights. Every form of plan, score and
// normalizer takes the row kernel; what the tiled kernel knows, it takes.

import type { Attended } from "../../backend.ts";
import type { CheckedAttention } from "../../check-attention.ts";
import { checkAttentionGradient, checkTrainingAttention } from "../../check-training.ts";
import type { AttentionPlan } from "../../plan.ts";
import { sizeOf, type Tensor } from "../../tensor.ts";
import { type AttentionGradients, type Dropout, mix, type TrainingAttentionOptions } from "../../training.ts";
import { describeAttention, type KeptWeights, submitAttention } from "../attention.ts";
import { field } from "../attention-parameters.ts";
import type { KernelHost } from "../kernel-host.ts";
import {
  cutByKeys,
  cutByQueriesThenKeys,
  cutEdgesByQueries,
  incomingEdges,
  type ItemGroups,
} from "./attention-gradient-items.ts";
import { type GradientField, gradientParameters } from "./attention-gradient-parameters.ts";

/** Multiply-adds of an item, or work that takes as long, at most: some milliseconds. */
const itemCost = 2 ** 26;
/** Queries and keys of a chunk of the tiled kernel. */
const chunkQueries = 96;
const chunkKeys = 48;
/** Floats of packed keys and values, and of their gradients: they should stay in the second-level cache. */
const windowSize = 2 ** 17;
/** What does not depend on widths in the scratch of the tiled kernel; see `attention-gradient-chunk.ts`. */
const chunkBytes = 2 ** 14 + 2 * chunkQueries * 4 * chunkKeys;
/** Floats of the sums that groups keep for tables and vectors, about. */
const partialSize = 2 ** 20;

/** Attention whose options may have dropout: checks the arguments and submits the jobs. */
export function submitAttentionWithDropout(
  host: KernelHost,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  plan: AttentionPlan,
  options: TrainingAttentionOptions,
): Attended {
  const call = checkTrainingAttention(q, k, v, plan, options);
  const { image, planAt } = host.placePlan(plan, { kvHeads: call.kvHeads, headWidth: call.D + call.valueWidth });
  return submitAttention(host, q, k, v, plan, image, planAt, call, keptWeights(call.dropout));
}

function keptWeights(dropout: Dropout | null): KeptWeights | null {
  if (dropout === null) return null;
  const { rate, seed } = dropout;
  return { scale: 1 / (1 - rate), from: Math.min(2 ** 32 - 1, Math.ceil(rate * 2 ** 32)), seed: mix(seed) };
}

/** The gradient of attention: checks the arguments and submits the jobs. */
export function submitAttentionGradient(
  host: KernelHost,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  plan: AttentionPlan,
  options: TrainingAttentionOptions,
  attended: { readonly output: Tensor; readonly logSumExp: Tensor | null },
  dy: Tensor,
): AttentionGradients {
  const call = checkAttentionGradient(q, k, v, plan, options, attended, dy);
  const { image, planAt } = host.placePlan(plan, { kvHeads: call.kvHeads, headWidth: call.D + call.valueWidth });
  const forward = describeAttention(host, q, k, v, image, planAt, call, keptWeights(call.dropout));
  if (attended.logSumExp !== null) forward[field.logSumExp] = host.address(attended.logSumExp);
  const work = new GradientWork(host, call, {
    attention: host.store(forward),
    output: host.address(attended.output),
    dy: host.address(dy),
  });
  const gradients = work.makeResults(q, k, v);
  if (plan.form.kind === "edges") submitEdges(work, plan, plan.form);
  else if (call.score.kind === "dot" && call.normalizer === "softmax" && call.softcap === 0) submitTiled(work, plan);
  else submitRows(work, plan);
  work.finish();
  return gradients;
}

function submitTiled(work: GradientWork, plan: AttentionPlan): void {
  const { call, host } = work;
  const { D, valueWidth, H, kvHeads, bias } = call;
  // Heads that share a bias add to the same gradients.
  const headsPerUnit = bias?.kind === "dense" && bias.heads < H ? kvHeads : 1;
  const cost = ((3 * D + 2 * valueWidth) * H * headsPerUnit) / kvHeads;
  const jobs = cutByKeys(plan, { pairs: itemCost / cost, align: chunkKeys, groups: work.mostGroups });
  const columns = (D + 7) & ~7;
  const valueColumns = (valueWidth + 7) & ~7;
  const affordable = Math.floor(windowSize / ((3 * columns + 2 * valueColumns) * chunkKeys));
  const window = chunkKeys * Math.max(2, Math.min(10, affordable));
  work.set("headsPerUnit", headsPerUnit);
  work.set("keysPerWindow", window);
  work.set("careful", bias !== null || plan.pairs < plan.densePairs ? 1 : 0);
  work.reserveRows(plan.longestRow);
  host.reserveScratch(chunkBytes + 4 * (chunkQueries + window) * (3 * columns + 2 * valueColumns));
  work.makePartials(jobs.reduce((groups, job) => groups + job.groups, 0));
  for (const job of jobs) work.submitGroups("attentionGradient", job, cost, kvHeads / headsPerUnit);
}

function submitRows(work: GradientWork, plan: AttentionPlan): void {
  const { call } = work;
  const sizes = { pairs: Math.max(1, itemCost / pairCost(call)), align: 1, groups: work.mostGroups };
  const [first, second] = cutByQueriesThenKeys(plan, sizes);
  if (second.groups > 0 && call.normalizer !== "softmax") work.set("statistics", work.borrow(call.P * call.H));
  work.reserveRows(plan.longestRow);
  work.makePartials(first.groups);
  work.submitGroups("attentionGradientRows", first, pairCost(call));
  work.closePartials();
  if (second.groups > 0) work.submitGroups("attentionGradientRows", second, pairCost(call));
}

function submitEdges(
  work: GradientWork,
  plan: AttentionPlan,
  form: AttentionPlan["form"] & { readonly kind: "edges" },
): void {
  const { call, host } = work;
  const items = cutEdgesByQueries(plan, form, {
    pairs: Math.max(1, itemCost / pairCost(call)),
    align: 1,
    groups: work.mostGroups,
  });
  const { offsets, rows, places } = incomingEdges(plan, form);
  work.set("incoming", work.lend(host.store(offsets)));
  work.set("incomingRows", work.lend(host.store(rows)));
  work.set("incomingPlaces", work.lend(host.store(places)));
  work.set("pairWeights", work.borrow(form.indices.length * call.H));
  work.set("pairScores", work.borrow(form.indices.length * call.H));
  work.reserveRows(plan.longestRow);
  work.makePartials(items.groups);
  work.submitGroups("attentionGradientRows", items, pairCost(call));
  work.closePartials();
  work.submitKeys((plan.pairs / Math.max(1, call.keyRows)) * pairCost(call));
}

/** What a pair costs the row kernel, all heads, in multiply-adds of the tiled kernel: it does a fifth as many, and few hyperbolic tangents. */
function pairCost({ H, D, valueWidth, score }: CheckedAttention): number {
  const additive = score.kind === "dot" ? 0 : score.activation === "tanh" ? 130 : 15;
  return H * (60 + 5 * (3 * D + 2 * valueWidth) + additive * D);
}

/** The results, parameters and memory of one call. */
class GradientWork {
  readonly host: KernelHost;
  readonly call: CheckedAttention;
  readonly #fields: Partial<Record<GradientField, number>>;
  /** Memory that goes when the jobs are done. */
  readonly #borrowed: number[] = [];
  #groupsBefore = 0;
  /** What is summed up over groups. */
  readonly #sums: {
    readonly field: GradientField;
    readonly to: number;
    readonly size: number;
    partials: number;
    groups: number;
  }[] = [];

  constructor(host: KernelHost, call: CheckedAttention, fields: Partial<Record<GradientField, number>>) {
    this.host = host;
    this.call = call;
    this.#fields = fields;
    this.set("delta", this.borrow(call.P * call.H));
  }

  set(name: GradientField, value: number): void {
    this.#fields[name] = value;
  }

  /** Memory for some floats until the jobs are done. */
  borrow(floats: number): number {
    return this.lend(this.host.allocate(Math.max(16, 4 * floats)));
  }

  lend(address: number): number {
    this.#borrowed.push(address);
    return address;
  }

  makeResults(q: Tensor, k: Tensor, v: Tensor): AttentionGradients {
    const { host, call } = this;
    const make = (like: Tensor, name: GradientField): Tensor => {
      const tensor = host.make(like.shape, "f32");
      this.set(name, host.address(tensor));
      return tensor;
    };
    const dq = make(q, "dq");
    const dk = make(k, "dk");
    const dv = make(v, "dv");
    let vector: Tensor | null = null;
    if (call.score.kind === "additive") {
      vector = host.make(call.score.vector.shape, "f32");
      this.#sums.push({
        field: "vectorPartials",
        to: host.address(vector),
        size: call.H * call.D,
        partials: 0,
        groups: 0,
      });
    }
    return { q: dq, k: dk, v: dv, bias: this.#makeBias(), vector };
  }

  #makeBias(): Tensor | null {
    const { host, call } = this;
    const { bias } = call;
    if (bias === null) return null;
    const values = bias.kind === "alibi" ? bias.slopes : "table" in bias ? bias.table : bias.values;
    const tensor = host.make(values.shape, "f32");
    const address = host.address(tensor);
    const size = sizeOf(values.shape);
    if (bias.kind === "dense" || bias.kind === "edges") {
      host.push({ run: () => void host.heap.bytes.fill(0, address, address + 4 * size) });
      this.set("bias", address);
    } else {
      this.set("biasSize", size / call.H);
      this.#sums.push({ field: "biasPartials", to: address, size, partials: 0, groups: 0 });
    }
    return tensor;
  }

  /** As many groups as sums may have; without sums an item is a group. */
  get mostGroups(): number {
    const size = this.#sums.reduce((total, sum) => total + sum.size, 0);
    return size === 0 ? Infinity : Math.max(16, Math.min(1024, Math.floor(partialSize / size)));
  }

  makePartials(groups: number): void {
    for (const sum of this.#sums) {
      sum.groups = groups;
      sum.partials = this.borrow(groups * sum.size);
      this.set(sum.field, sum.partials);
    }
  }

  /** What follows adds to keys and values alone. */
  closePartials(): void {
    for (const sum of this.#sums) this.set(sum.field, 0);
  }

  /** Scratch of the row kernel for rows of so many keys. */
  reserveRows(keys: number): void {
    this.host.reserveScratch(rowScratchBytes(this.call, keys));
  }

  /** `parts` units a group. */
  submitGroups(
    kernel: "attentionGradient" | "attentionGradientRows",
    { items, groupItems, groups, pairs }: ItemGroups,
    cost: number,
    parts = 1,
  ): void {
    this.set("items", this.lend(this.host.store(items)));
    this.set("groupItems", this.lend(this.host.store(groupItems)));
    this.set("groupsBefore", this.#groupsBefore);
    this.#groupsBefore += groups;
    this.host.push({
      kernel,
      parameters: this.host.store(gradientParameters(this.#fields)),
      units: groups * parts,
      unitCost: (pairs + 1) * cost,
    });
  }

  submitKeys(unitCost: number): void {
    const parameters = this.host.store(gradientParameters(this.#fields));
    this.host.push({ kernel: "attentionGradientKeys", parameters, units: this.call.keyRows, unitCost: unitCost + 1 });
  }

  finish(): void {
    const { host } = this;
    for (const { partials, to, size, groups } of this.#sums) {
      host.kernel("attentionGradientSums", Math.ceil(size / 1024), 1024 * groups, [partials, to, groups, size]);
    }
    for (const address of this.#borrowed) host.freeLater(address);
  }
}

/** Scratch of the row kernel: a value per head, then the list of a row's keys, and weights, gradients and scores by key and head. */
function rowScratchBytes({ H }: CheckedAttention, keys: number): number {
  const heads = (H + 3) & ~3;
  return 64 + 4 * heads + 4 * (keys + 4) + 3 * 4 * keys * heads;
}
