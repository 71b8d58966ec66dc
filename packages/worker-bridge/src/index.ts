// A pipeline that runs in a worker, used as if it were here.

export { WorkerCrashedError, WorkerVersionError } from "./errors.ts";
