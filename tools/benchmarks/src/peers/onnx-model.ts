// Writes an ONNX model of a few nodes as protobuf bytes: just the fields that these benchmarks need.
// Field numbers from onnx/onnx.proto.

export type OnnxType = "float32" | "int32" | "int64" | "bool";

export interface OnnxNode {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** Whole numbers become INT and other numbers FLOAT; lists of whole numbers INTS; texts STRING. None may be negative. */
export type OnnxAttribute = number | string | readonly number[];

export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
}

export interface OnnxGraph {
  readonly opset: number;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly constants?: readonly OnnxConstant[];
}

/** A tensor of the model itself. */
export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | BigInt64Array;
}

const elementTypes: Readonly<Record<OnnxType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };
const irVersion = 10;

/** The bytes of an ONNX ModelProto. */
export function encodeOnnxModel(graph: OnnxGraph): Uint8Array {
  const opset = (domain: string, version: number): Uint8Array => join(text(1, domain), integer(2, version));
  return join(
    integer(1, irVersion),
    message(
      7,
      ...graph.nodes.map((node) => message(1, encodeNode(node))),
      text(2, "benchmark"),
      ...(graph.constants ?? []).map((constant) => message(5, encodeConstant(constant))),
      ...graph.inputs.map((value) => message(11, encodeValue(value))),
      ...graph.outputs.map((value) => message(12, encodeValue(value))),
    ),
    message(8, opset("", graph.opset)),
    message(8, opset("com.microsoft", 1)),
  );
}

function encodeNode({ op, domain, inputs, outputs, attributes }: OnnxNode): Uint8Array {
  return join(
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes ?? {}).map(([name, value]) => message(5, encodeAttribute(name, value))),
    text(7, domain ?? ""),
  );
}

function encodeAttribute(name: string, value: OnnxAttribute): Uint8Array {
  if (typeof value === "string") return join(text(1, name), text(4, value), integer(20, 3));
  if (typeof value === "object") {
    return join(text(1, name), ...value.map((one) => integer(8, one)), integer(20, 7));
  }
  return Number.isInteger(value)
    ? join(text(1, name), integer(3, value), integer(20, 2))
    : join(text(1, name), bytes(2, 5, new Uint8Array(Float32Array.of(value).buffer)), integer(20, 1));
}

function encodeConstant({ name, shape, values }: OnnxConstant): Uint8Array {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return join(
    ...shape.map((size) => integer(1, size)),
    integer(2, elementTypes[typeOf(values)]),
    text(8, name),
    message(9, raw),
  );
}

function typeOf(values: OnnxConstant["values"]): OnnxType {
  if (values instanceof Float32Array) return "float32";
  return values instanceof Int32Array ? "int32" : "int64";
}

function encodeValue({ name, type, shape }: OnnxValue): Uint8Array {
  const dimensions = message(2, ...shape.map((size) => message(1, integer(1, size))));
  return join(text(1, name), message(2, message(1, integer(1, elementTypes[type]), dimensions)));
}

function text(field: number, value: string): Uint8Array {
  return message(field, new TextEncoder().encode(value));
}

function integer(field: number, value: number): Uint8Array {
  return bytes(field, 0, varint(value));
}

function message(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = join(...parts);
  return bytes(field, 2, varint(body.length), body);
}

function bytes(field: number, wire: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return join(varint(field * 8 + wire), ...parts);
}

/** Little-endian groups of seven bits; `value` is a non-negative safe integer. */
function varint(value: number): Uint8Array {
  const groups: number[] = [];
  do {
    const rest = Math.floor(value / 128);
    groups.push((value % 128) + (rest > 0 ? 128 : 0));
    value = rest;
  } while (value > 0);
  return Uint8Array.from(groups);
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
