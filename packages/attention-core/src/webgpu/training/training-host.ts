import type { AttentionPlan } from "../../plan.ts";
import type { GpuHost } from "../workspace.ts";
import type { PlanTiles } from "./plan-tiles.ts";

/** Where gradients put their work. */
export interface TrainingHost extends GpuHost {
  /** A plan of ranges or segments as tiles, laid out once. */
  tiles(plan: AttentionPlan): PlanTiles;
}
