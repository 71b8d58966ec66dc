// A pipeline that runs in a worker, used as if it were here. The app makes the worker and owns its file; comlink carries
// the calls.

export { connectPipeline, type ConnectOptions } from "./app/connect-pipeline.ts";
export type { NodeWorker, PipelineWorker } from "./app/pipeline-worker.ts";
export { WorkerCrashedError, WorkerVersionError } from "./errors.ts";
export type { ErrorClasses } from "./wire/error-wire.ts";
export { exposePipeline } from "./worker/expose-pipeline.ts";
export type { OpenContext, OpenPipeline } from "./worker/serve-pipeline.ts";
