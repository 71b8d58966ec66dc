// The element types of the format, as of safetensors 0.6 (safetensors/src/tensor.rs).

/** Name of an element type. The number in it is its size in bits, but for BF16. */
export type StoredDType =
  | "BOOL"
  | "F4"
  | "F6_E2M3"
  | "F6_E3M2"
  | "U8"
  | "I8"
  | "F8_E5M2"
  | "F8_E4M3"
  | "F8_E8M0"
  | "I16"
  | "U16"
  | "F16"
  | "BF16"
  | "I32"
  | "U32"
  | "F32"
  | "C64"
  | "F64"
  | "I64"
  | "U64";

const bitsByDType: ReadonlyMap<string, number> = new Map<StoredDType, number>([
  ["BOOL", 8],
  ["F4", 4],
  ["F6_E2M3", 6],
  ["F6_E3M2", 6],
  ["U8", 8],
  ["I8", 8],
  ["F8_E5M2", 8],
  ["F8_E4M3", 8],
  ["F8_E8M0", 8],
  ["I16", 16],
  ["U16", 16],
  ["F16", 16],
  ["BF16", 16],
  ["I32", 32],
  ["U32", 32],
  ["F32", 32],
  ["C64", 64],
  ["F64", 64],
  ["I64", 64],
  ["U64", 64],
]);

/** Whether the format knows an element type of this name. */
export function isStoredDType(name: string): name is StoredDType {
  return bitsByDType.has(name);
}

/** Size of an element in bits. */
export function bitsOf(dtype: StoredDType): number {
  return bitsByDType.get(dtype) ?? 0;
}

/** Product of `shape`, or NaN when it or the size in bits could pass 2⁵³ - 1, even on the way to zero. */
export function elementsOf(shape: readonly number[]): number {
  let elements = 1;
  for (const length of shape) {
    elements *= length;
    if (elements > Number.MAX_SAFE_INTEGER / 64) return Number.NaN;
  }
  return elements;
}
