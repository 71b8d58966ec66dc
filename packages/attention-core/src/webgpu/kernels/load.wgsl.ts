// Heads of rows read and written four numbers at a time, whether or not their width is a multiple of four.

/** `fn NAME(row, head, column)`: four numbers of a head, zeros beyond its width. */
export function loadText(name: string, buffer: string, heads: string, width: string, wide: boolean): string {
  return wide
    ? `fn ${name}(row: u32, head: u32, column: u32) -> vec4<f32> { return ${buffer}[((row * ${heads} + head) * ${width} + column) / 4u]; }`
    : `
fn ${name}(row: u32, head: u32, column: u32) -> vec4<f32> {
  let at = (row * ${heads} + head) * ${width} + column;
  var found = vec4<f32>();
  for (var i = 0u; i < 4u && column + i < ${width}; i += 1u) { found[i] = ${buffer}[at + i]; }
  return found;
}`;
}

/** `fn store(row, head, column, result)`: four numbers of the output, of which those within the head are kept. */
export function storeText(wide: boolean): string {
  return wide
    ? `
fn store(row: u32, head: u32, column: u32, result: vec4<f32>) {
  if (column < p.valueWidth) { y[((row * p.heads + head) * p.valueWidth + column) / 4u] = result; }
}`
    : `
fn store(row: u32, head: u32, column: u32, result: vec4<f32>) {
  let at = (row * p.heads + head) * p.valueWidth + column;
  for (var i = 0u; i < 4u && column + i < p.valueWidth; i += 1u) { y[at + i] = result[i]; }
}`;
}

/** 0 .. count - 1, for parts of a program. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
