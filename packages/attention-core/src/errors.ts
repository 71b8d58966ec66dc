// The errors that a caller is expected to catch. Everything else is a built-in: TypeError for the wrong kind,
// RangeError for a value outside the allowed ones, the signal's own reason for an aborted call.

/** A backend cannot run here. `reasons` lists what was tried and why each failed. */
export class BackendUnavailableError extends Error {
  override readonly name = "BackendUnavailableError";
  readonly code = "backend-unavailable";
  readonly reasons: readonly string[];
  constructor(message: string, reasons: readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.reasons = reasons;
  }
}

/** The device behind a backend is gone (a trapped instance, a dead thread, a lost GPU): open the backend again. */
export class DeviceLostError extends Error {
  override readonly name = "DeviceLostError";
  readonly code = "device-lost";
}

/** A backend fails at work that another one does, as where a driver does not compile a kernel. What it was for is not done. */
export class BackendFaultError extends Error {
  override readonly name: string = "BackendFaultError";
  readonly code: string = "backend-fault";
}

/** A request does not fit into the memory of the device. The backend stays usable. */
export class OutOfMemoryError extends Error {
  override readonly name = "OutOfMemoryError";
  readonly code = "out-of-memory";
  readonly requestedBytes: number;
  readonly limitBytes: number;
  constructor(message: string, requestedBytes: number, limitBytes: number, options?: ErrorOptions) {
    super(message, options);
    this.requestedBytes = requestedBytes;
    this.limitBytes = limitBytes;
  }
}

/** Weights do not fit the configuration they came with, or a model does not fit the use that it is put to. */
export class ModelMismatchError extends Error {
  override readonly name = "ModelMismatchError";
  readonly code = "model-mismatch";
}

/** A tensor, workspace or backend was used after its disposal. */
export class DisposedError extends Error {
  override readonly name = "DisposedError";
  readonly code = "disposed";
}
