import fc from "fast-check";
import { expect, test } from "vitest";
import { segmenter } from "./segments.ts";

const times = { center: 0.0125, step: 0.04 };

test("segmenter() groups equal labels, from half a step before the first to half a step after the last", () => {
  const segments = segmenter(times);
  expect(segments.push(["", "", "7", "7", "7", ""], [1, 0.5, 0.2, 0.4, 0.9, 0.8])).toEqual([
    { label: "", start: 0, end: expect.closeTo(0.0725, 9) as number, score: 0.75 },
    { label: "7", start: expect.closeTo(0.0725, 9) as number, end: expect.closeTo(0.1925, 9) as number, score: 0.5 },
  ]);
  expect(segments.finish(0.25)).toEqual([
    { label: "", start: expect.closeTo(0.1925, 9) as number, end: 0.25, score: 0.8 },
  ]);
});

test("segmenter() gives the same for labels at once and in parts, without gaps, and a label is never its neighbour's", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("", "a", "b"), fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1 }),
      fc.integer({ min: 1, max: 7 }),
      (rows, size) => {
        const duration = times.center + rows.length * times.step;
        const [whole, parts] = [segmenter(times), segmenter(times)];
        const labels = rows.map(([label]) => label);
        const scores = rows.map(([, score]) => score);
        const atOnce = [...whole.push(labels, scores), ...whole.finish(duration)];
        const inParts = [];
        for (let at = 0; at < rows.length; at += size) {
          inParts.push(...parts.push(labels.slice(at, at + size), scores.slice(at, at + size)));
        }
        inParts.push(...parts.finish(duration));
        expect(inParts).toEqual(atOnce);
        expect(atOnce[0]!.start).toBe(0);
        expect(atOnce.at(-1)!.end).toBe(duration);
        atOnce.slice(1).forEach((segment, i) => {
          expect(segment.start).toBe(atOnce[i]!.end);
          expect(segment.label).not.toBe(atOnce[i]!.label);
        });
      },
    ),
  );
});

test("segmenter() of nothing gives nothing", () => {
  expect(segmenter(times).finish(0)).toEqual([]);
});
