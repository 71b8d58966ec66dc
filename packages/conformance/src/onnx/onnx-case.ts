// The file format of the ONNX operator cases: one JSON array, an object per case, as in `cases.json`.

/** A tensor of a case: flat, row-major. */
export interface OnnxTensor {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

/** The element types that we read. */
export type OnnxDType =
  | "float32"
  | "float16"
  | "float64"
  | "bfloat16"
  | "bool"
  | "int64"
  | "int32"
  | "int16"
  | "int8"
  | "uint64"
  | "uint32"
  | "uint16"
  | "uint8";

/** One node with its inputs and expected outputs. */
export interface OnnxCase {
  readonly case: string;
  readonly op: string;
  readonly domain: string;
  /** Version of each domain. */
  readonly opset: ReadonlyMap<string, number>;
  readonly attributes: ReadonlyMap<string, unknown>;
  /** An empty name is an input that is not given. */
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputs: ReadonlyMap<string, OnnxTensor>;
  readonly outputs: ReadonlyMap<string, OnnxTensor>;
}

/** A file of cases cannot be read: not JSON, or not of the format. */
export class CaseFileError extends Error {
  override readonly name = "CaseFileError";
  readonly code = "case-file";
}

const dtypes: ReadonlySet<string> = new Set<OnnxDType>([
  "float32",
  "float16",
  "float64",
  "bfloat16",
  "bool",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint64",
  "uint32",
  "uint16",
  "uint8",
]);

/**
 * Reads the text of a `cases.json`. Throws `CaseFileError`, which names the case and the field, for anything that is
 * not of the format; nothing larger than the text is allocated.
 */
export function parseOnnxCases(text: string): OnnxCase[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CaseFileError(`Cannot read cases: the file must be JSON, ${(error as Error).message}`, { cause: error });
  }
  return readOnnxCases(json);
}

/** The same for JSON that is parsed already. */
export function readOnnxCases(json: unknown): OnnxCase[] {
  if (!Array.isArray(json))
    throw new CaseFileError(`Cannot read cases: the file must hold an array, it holds ${kindOf(json)}`);
  return json.map(readCase);
}

function readCase(json: unknown, index: number): OnnxCase {
  const fields = readObject(json, `case ${index}`);
  const name = readString(fields.get("case"), `case ${index}: case`);
  const field = (key: string): string => `case "${name}": ${key}`;
  const opset = new Map<string, number>();
  for (const [domain, version] of readObject(fields.get("opset") ?? {}, field("opset"))) {
    opset.set(domain, readInteger(version, field(`opset of "${domain}"`)));
  }
  return {
    case: name,
    op: readString(fields.get("op"), field("op")),
    domain: readString(fields.get("domain") ?? "ai.onnx", field("domain")),
    opset,
    attributes: readObject(fields.get("attributes") ?? {}, field("attributes")),
    inputNames: readNames(fields.get("inputNames"), field("inputNames")),
    outputNames: readNames(fields.get("outputNames"), field("outputNames")),
    inputs: readTensors(fields.get("inputs"), field("inputs")),
    outputs: readTensors(fields.get("outputs"), field("outputs")),
  };
}

function readTensors(json: unknown, where: string): Map<string, OnnxTensor> {
  if (!Array.isArray(json)) throw wrong(where, "an array of tensors", json);
  return new Map(json.map((each, i) => readTensor(each, `${where}[${i}]`)).map((tensor) => [tensor.name, tensor]));
}

function readTensor(json: unknown, where: string): OnnxTensor {
  const fields = readObject(json, where);
  const name = readString(fields.get("name"), `${where}.name`);
  const dtype = readString(fields.get("dtype"), `${where}.dtype`);
  if (!dtypes.has(dtype))
    throw new CaseFileError(
      `Cannot read cases: ${where}.dtype must be one of ${[...dtypes].join(", ")}; it is "${dtype}"`,
    );
  const dims = fields.get("dims");
  if (!Array.isArray(dims)) throw wrong(`${where}.dims`, "an array of lengths", dims);
  const lengths = dims.map((length, axis) => readInteger(length, `${where}.dims[${axis}]`));
  const data = fields.get("data");
  if (!Array.isArray(data)) throw wrong(`${where}.data`, "an array of values", data);
  const size = lengths.reduce((a, b) => a * b, 1);
  if (data.length !== size) {
    throw new CaseFileError(
      `Cannot read cases: ${where}.data must hold ${size} values as dims say, it holds ${data.length}`,
    );
  }
  return {
    name,
    dtype: dtype as OnnxDType,
    dims: lengths,
    data: Float64Array.from(data, (value, i) => readNumber(value, `${where}.data[${i}]`)),
  };
}

function readNumber(json: unknown, where: string): number {
  if (typeof json === "number") return json;
  if (typeof json === "boolean") return Number(json);
  if (json === "Infinity" || json === "-Infinity" || json === "NaN") return Number(json);
  throw wrong(where, `a number, "Infinity", "-Infinity" or "NaN"`, json);
}

function readInteger(json: unknown, where: string): number {
  if (Number.isSafeInteger(json) && (json as number) >= 0) return json as number;
  throw wrong(where, "an integer >= 0", json);
}

function readString(json: unknown, where: string): string {
  if (typeof json === "string") return json;
  throw wrong(where, "a string", json);
}

function readNames(json: unknown, where: string): string[] {
  if (!Array.isArray(json)) throw wrong(where, "an array of names", json);
  return json.map((name, i) => readString(name, `${where}[${i}]`));
}

/** As a map, so that a key such as `__proto__` is a key like any other. */
function readObject(json: unknown, where: string): Map<string, unknown> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw wrong(where, "an object", json);
  return new Map(Object.entries(json));
}

function wrong(where: string, expected: string, actual: unknown): CaseFileError {
  const shown =
    typeof actual === "number" || typeof actual === "string" ? JSON.stringify(actual).slice(0, 40) : kindOf(actual);
  return new CaseFileError(`Cannot read cases: ${where} must be ${expected}, it is ${shown}`);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : typeof value;
}
