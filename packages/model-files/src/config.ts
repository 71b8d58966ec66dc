// config.json: what a model says of itself. This file knows the text and the version; what a configuration means, and
// whether the weights fit it, is checked by whoever builds the model from it.

import { ModelFileError, quote } from "./errors.ts";
import { foreignFormat } from "./foreign-format.ts";
import { type Json, type JsonObject, parseJson } from "./json/parse-json.ts";
import type { ReadOptions } from "./safetensors/read.ts";

/** The version of a model folder that this library writes, and the newest that it reads. */
export const formatVersion = 1;

/** The longest config.json that is read, in bytes. Vocabularies go into files of their own. */
export const longestConfigBytes = 4_194_304;

const longestName = 200;

/** A configuration: its version and name, and whatever the model adds. */
export interface ModelFileConfig extends JsonObject {
  readonly formatVersion: number;
  /** What the model is called: "text/upos". */
  readonly name: string;
}

/**
 * Reads config.json: UTF-8 without a byte order mark, strict JSON at most 64 levels deep, no key twice, none that could
 * reach a prototype. Throws `ModelFileError`; "format-too-new" if it was written for a newer version of this library.
 */
export function parseConfig(bytes: Uint8Array, options: ReadOptions = {}): ModelFileConfig {
  const { file = "config.json" } = options;
  const config = parseVersioned(bytes, file, "config-invalid", longestConfigBytes);
  const { name } = config;
  if (typeof name !== "string" || name === "" || name.length > longestName) {
    const found = name === undefined ? "missing" : quote(JSON.stringify(name));
    throw new ModelFileError(
      "config-invalid",
      file,
      `Cannot read ${file}: "name" must be a text of 1 to ${longestName} characters, it is ${found}`,
    );
  }
  return { ...config, name };
}

/** Reads an object of JSON that says for which version of this library it was written. Throws `ModelFileError`. */
export function parseVersioned(
  bytes: Uint8Array,
  file: string,
  code: "config-invalid" | "manifest-invalid",
  longest: number,
): JsonObject & { readonly formatVersion: number } {
  const refuse = (rule: string, actual: string): never => {
    throw new ModelFileError(code, file, `Cannot read ${file}: ${rule}, it is ${actual}`);
  };
  if (bytes.length > longest) refuse(`it must have at most ${longest} bytes`, `${bytes.length} bytes long`);
  const foreign = foreignFormat(bytes);
  if (foreign !== undefined && foreign !== "JSON text") {
    throw new ModelFileError("foreign-format", file, `Cannot read ${file}: it must be JSON, it is ${foreign}`);
  }
  const text = decode(bytes, file, code);
  if (text.startsWith("\ufeff")) refuse("JSON must begin without a byte order mark", "one");
  const value: Json = parseJson(text, (rule, actual) => refuse(rule, quote(actual)));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse("JSON must be an object", quote(JSON.stringify(value).slice(0, 20)));
  }
  const object = value as JsonObject;
  const version = object["formatVersion"];
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 1) {
    const found = version === undefined ? "missing" : quote(JSON.stringify(version));
    return refuse(`"formatVersion" must be an integer >= 1`, found);
  }
  if (version > formatVersion) {
    throw new ModelFileError(
      "format-too-new",
      file,
      `Cannot read ${file}: this library reads format version ${formatVersion}, the file has ${version}; a newer @saccade/model-files reads it`,
    );
  }
  return { ...object, formatVersion: version };
}

function decode(bytes: Uint8Array, file: string, code: "config-invalid" | "manifest-invalid"): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ModelFileError(code, file, `Cannot read ${file}: it must be UTF-8, it is not`, { cause });
  }
}
