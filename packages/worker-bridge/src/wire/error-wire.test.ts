import { BackendFaultError, BackendUnavailableError, DeviceLostError, OutOfMemoryError } from "@saccade/attention-core";
import { ModelFileError } from "@saccade/model-files";
import { InputError } from "@saccade/pipeline";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeError, encodeError, type ErrorClasses } from "./error-wire.ts";

const across = (thrown: unknown, classes?: ErrorClasses): unknown =>
  decodeError(structuredClone(encodeError(thrown)), classes);

test.each([
  new TypeError("Cannot do it"),
  new RangeError("Cannot do it", { cause: new SyntaxError("deep") }),
  new BackendUnavailableError("Cannot open it", ["one", "two"]),
  new DeviceLostError("Cannot run", { cause: "a text" }),
  new OutOfMemoryError("Cannot fit", 5, 4),
  new InputError("test/letters", 3, new TypeError("it is none")),
  new ModelFileError("file-missing", "a.txt", "Cannot read a.txt"),
  new AggregateError([new TypeError("one"), "two"], "both"),
])("an error keeps class, message, fields, cause and stack: %o", (error) => {
  const copy = across(error) as Error;
  expect(copy.constructor).toBe(error.constructor);
  expect(Object.prototype.toString.call(copy)).toBe("[object Error]");
  expect(copy).toEqual(error);
  expect(new Map(Object.entries(copy))).toEqual(new Map(Object.entries(error)));
  expect([copy.name, copy.stack, String(copy)]).toEqual([error.name, error.stack, String(error)]);
  expect(copy.cause).toEqual(error.cause);
});

test("the error of a GPU is a fault of the backend where the class of its own is not loaded", () => {
  const there = Object.assign(new BackendFaultError("Cannot compile it"), { name: "GpuError", code: "gpu" });
  const copy = across(there) as BackendFaultError;
  expect(copy).toBeInstanceOf(BackendFaultError);
  expect([copy.name, copy.code, copy.message]).toEqual(["GpuError", "gpu", "Cannot compile it"]);
});

test("the reason of an aborted signal stays a DOMException", () => {
  const copy = across(AbortSignal.abort().reason) as DOMException;
  expect(copy).toBeInstanceOf(DOMException);
  expect([copy.name, copy.code]).toEqual(["AbortError", 20]);
});

test("a class that is given is found by the name of its errors; another one becomes an Error of that name", () => {
  class OddError extends Error {
    override readonly name = "OddError";
    readonly code = "odd";
  }
  expect(across(new OddError("odd"), { OddError })).toBeInstanceOf(OddError);
  const copy = across(new OddError("odd")) as Error;
  expect(copy.constructor).toBe(Error);
  expect(copy).toMatchObject({ name: "OddError", code: "odd", message: "odd" });
  expect(across(Object.assign(new Error("no class"), { name: "constructor" }))).toMatchObject({ name: "constructor" });
});

test("causes that run in a circle, and what cannot be cloned, are left out", () => {
  const error = Object.assign(new Error("round"), { callback: () => 1, kept: [1] });
  error.cause = error;
  const copy = across(error) as Error & { kept?: unknown; callback?: unknown };
  expect(copy).toMatchObject({ message: "round", kept: [1] });
  expect(copy.callback).toBeUndefined();
  let depth = 0;
  for (let at: unknown = copy; at instanceof Error; at = at.cause) depth += 1;
  expect(depth).toBeLessThan(12);
});

test("a fault of the file system keeps its code", () => {
  const error = Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT", errno: -2, syscall: "open" });
  expect(across(error)).toMatchObject({ code: "ENOENT", errno: -2, syscall: "open" });
});

test("any value can be thrown", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      if (value instanceof Error) return;
      expect(across(value)).toEqual(value);
    }),
  );
  expect(across(Symbol("no"))).toBe("Symbol(no)");
  expect(across(() => 1)).toBe("() => 1");
});
