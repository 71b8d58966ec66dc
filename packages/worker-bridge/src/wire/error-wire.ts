// Errors across threads. Structured cloning keeps of an error its name, message and stack, and of a class of our own not
// even the name; here an error is sent as plain data and made again on the other side, with its class, fields and causes.

import {
  BackendFaultError,
  BackendUnavailableError,
  DeviceLostError,
  DisposedError,
  ModelMismatchError,
  OutOfMemoryError,
} from "@saccade/attention-core";
import { ModelFileError } from "@saccade/model-files";
import { InputError } from "@saccade/pipeline";

/** Classes by the `name` of their errors, which unlike the name of a class outlives a minifier. */
export type ErrorClasses = Readonly<Record<string, { readonly prototype: Error }>>;

/** An error as plain data; or a thrown value that is none. */
export type ErrorWire =
  | {
      readonly kind: "error";
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      /** What else is in the error, of what can be cloned: `code`, `index`. */
      readonly fields: Readonly<Record<string, unknown>>;
      readonly cause?: ErrorWire;
      /** Of an `AggregateError`. */
      readonly errors?: readonly ErrorWire[];
    }
  | { readonly kind: "value"; readonly value: unknown };

/** How deep causes are followed; a longer chain, or one that runs in a circle, is cut there. */
const deepestCause = 8;

const ownFields = new Set(["name", "message", "stack", "cause", "errors"]);

/** `thrown` as plain data. Never throws: what cannot be cloned is left out, or said as text. */
export function encodeError(thrown: unknown, depth = 0): ErrorWire {
  if (!(thrown instanceof Error)) return { kind: "value", value: isCloneable(thrown) ? thrown : String(thrown) };
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(thrown)) {
    if (!ownFields.has(key) && isCloneable(value)) fields[key] = value;
  }
  const { name, message, stack, cause } = thrown;
  const errors: unknown = "errors" in thrown ? thrown.errors : undefined;
  const goesOn = depth < deepestCause;
  return {
    kind: "error",
    name: String(name),
    message: String(message),
    stack,
    fields,
    ...(goesOn && cause !== undefined && { cause: encodeError(cause, depth + 1) }),
    ...(goesOn && Array.isArray(errors) && { errors: errors.map((each) => encodeError(each, depth + 1)) }),
  };
}

/** The error again, of its class if that is a built-in one, one of this library's, or one of `classes`. */
export function decodeError(wire: ErrorWire, classes: ErrorClasses = {}): unknown {
  if (wire.kind === "value") return wire.value;
  const { name, message, stack, fields, cause, errors } = wire;
  const options = cause && { cause: decodeError(cause, classes) };
  if (name === "AbortError" || name === "TimeoutError") return namedException(name, message, options);
  const error = new Error(message, options);
  for (const [key, value] of Object.entries(fields)) define(error, key, value, true);
  if (errors) {
    const all = errors.map((each) => decodeError(each, classes));
    define(error, "errors", all, false);
  }
  const known = classOf(name, classes);
  if (known) Object.setPrototypeOf(error, known.prototype);
  if (error.name !== name) define(error, "name", name, true);
  if (stack !== undefined) define(error, "stack", stack, false);
  return error;
}

function classOf(name: string, classes: ErrorClasses): { readonly prototype: Error } | undefined {
  const ours: ErrorClasses = {
    BackendFaultError,
    BackendUnavailableError,
    DeviceLostError,
    DisposedError,
    // A page that loads no WebGPU lacks the class, but not the one that it stands under.
    GpuError: BackendFaultError,
    InputError,
    ModelFileError,
    ModelMismatchError,
    OutOfMemoryError,
  };
  const builtIn: ErrorClasses = {
    AggregateError,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
  };
  for (const known of [classes, ours, builtIn]) if (Object.hasOwn(known, name)) return known[name];
  return undefined;
}

/** The reasons of aborted signals are a class of their own. */
function namedException(name: string, message: string, options: ErrorOptions | undefined): DOMException {
  const exception = new DOMException(message, name);
  if (options) define(exception, "cause", options.cause, false);
  return exception;
}

function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}

function isCloneable(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value !== "function" && typeof value !== "symbol";
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
