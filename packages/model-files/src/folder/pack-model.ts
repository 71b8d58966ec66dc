// The other direction: a configuration, weights and files to the bytes of a model folder.

import { formatVersion, parseConfig } from "../config.ts";
import type { Weights } from "../weights/read-weights.ts";
import { writeWeights, type WriteWeightsOptions } from "../weights/write-weights.ts";
import { cardPath, configPath, manifestPath, weightsPath, writeManifest } from "./manifest.ts";

/** What a model folder is made of. */
export interface ModelParts extends WriteWeightsOptions {
  /** What config.json says besides its version: a name, and plain data of the model's own. */
  readonly config: { readonly name: string; readonly [key: string]: unknown };
  readonly weights?: Weights;
  /** README.md, the model card. */
  readonly card?: string;
  /** Other files by path: bytes, or text. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
}

/**
 * The files of a model by path, files.json with their hashes among them: what `openModel` opens, and what
 * `writeModelDirectory` of "@saccade/model-files/node" writes. Throws `TypeError` if the configuration is not plain data
 * that JSON can say, `ModelFileError` for a configuration or path that could not be read again, and what `writeWeights` throws.
 */
export async function packModel(parts: ModelParts): Promise<Readonly<Record<string, Uint8Array>>> {
  const packed = new Map<string, Uint8Array>();
  const add = (path: string, content: Uint8Array | string): void => {
    if (packed.has(path) || path === manifestPath) {
      throw new RangeError(`Cannot pack model: the files must not have ${path}, which is made here`);
    }
    packed.set(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
  };
  add(configPath, configText(parts.config));
  parseConfig(packed.get(configPath)!);
  if (parts.weights !== undefined) add(weightsPath, writeWeights(parts.weights, parts));
  if (parts.card !== undefined) add(cardPath, parts.card);
  for (const [path, content] of Object.entries(parts.files ?? {})) add(path, content);
  packed.set(manifestPath, await writeManifest(packed));
  return Object.fromEntries(packed);
}

function configText(config: ModelParts["config"]): string {
  const versioned = Object.assign({ formatVersion }, config, { formatVersion }); // first in the text, whatever config has
  const text = JSON.stringify(versioned, refuseOddValues, 2);
  return `${text}\n`;
}

/** JSON would write null for NaN and leave functions out; better to say so. */
function refuseOddValues(key: string, value: unknown): unknown {
  const isOdd =
    (typeof value === "number" && !Number.isFinite(value)) ||
    typeof value === "function" ||
    typeof value === "symbol" ||
    typeof value === "bigint" ||
    ArrayBuffer.isView(value) ||
    value instanceof Map ||
    value instanceof Set;
  if (!isOdd) return value;
  const actual = typeof value === "number" ? String(value) : Object.prototype.toString.call(value);
  throw new TypeError(`Cannot pack model: the configuration must be plain data for JSON, "${key}" is ${actual}`);
}
