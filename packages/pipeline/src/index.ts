// Pipelines: inputs in, outputs out, wherever the model runs.

export { type Batch, gatherBatches } from "./batches.ts";
export { createPipeline, type PipelineOptions } from "./create-pipeline.ts";
export type { OpenBackend } from "./device.ts";
export { InputError, rejectionOf } from "./errors.ts";
export type { ExplainRequest, LayerMaps, SetMaps } from "./maps.ts";
export type { LabelHead, Modality, ModalityFeatures, PipelineOf, Processor } from "./modality.ts";
export type { BackendChoice, Explained, Pipeline, Progress, RunOptions } from "./pipeline.ts";
