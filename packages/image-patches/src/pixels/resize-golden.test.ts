import { expect, test } from "vitest";
import { resizeCases } from "../../test/golden/resize.ts";
import { resize } from "./resize.ts";

test.each(resizeCases)(
  "resize() gives Pillow's numbers: $width x $height to $columns x $rows",
  ({ width, height, columns, rows, values }) => {
    const source = Float32Array.from({ length: width * height }, (_, p) => {
      const [x, y] = [p % width, Math.floor(p / width)];
      return (x * 37 + y * 101 + x * y * 11) % 256;
    });
    const result = resize({ values: source, width, height, channels: 1 }, rows, columns);
    values.forEach((value, i) => expect(result.values[i]).toBeCloseTo(value, 3));
  },
);
