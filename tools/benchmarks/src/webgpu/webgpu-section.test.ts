import { describe, expect, it } from "vitest";
import { renderWebgpuSection } from "./webgpu-page.ts";
import { exampleRun, exampleSoftwareRun } from "./webgpu-run.fixture.ts";
import { isMeasured, replaceWebgpuSection, unmeasuredSection, webgpuSectionOf } from "./webgpu-section.ts";

const card = renderWebgpuSection(exampleRun());
const software = renderWebgpuSection(exampleSoftwareRun());
const page = "# Benchmarks\n\n## Ours\n\ntable\n\n## Losses\n\nNone of these cases.\n";

describe("webgpuSectionOf()", () => {
  it("says that no card has been used where there is no section", () => {
    expect(webgpuSectionOf(page)).toMatch(/^## WebGPU\n\n- Unmeasured: no card has been used/);
    expect(webgpuSectionOf("")).toBe(webgpuSectionOf(page));
  });

  it("gives what was written, with other sections before and after", () => {
    for (const section of [card, software, unmeasuredSection("there is no adapter")]) {
      expect(webgpuSectionOf(replaceWebgpuSection(page, section))).toBe(section);
      expect(webgpuSectionOf(`${section}\n\n## After\n\nmore\n`)).toBe(section);
    }
  });
});

describe("replaceWebgpuSection()", () => {
  it("leaves the rest of the page as it is", () => {
    const first = replaceWebgpuSection(page, software);
    expect(first).toBe(`${page}\n${software}\n`);
    expect(replaceWebgpuSection(first, card)).toBe(`${page}\n${card}\n`);
    const middle = `${page}\n${software}\n\n## After\n\nmore\n`;
    expect(replaceWebgpuSection(middle, card)).toBe(`${page}\n${card}\n\n## After\n\nmore\n`);
  });
});

describe("isMeasured()", () => {
  it("is true of a card alone", () => {
    expect([card, software, unmeasuredSection("there is no adapter")].map(isMeasured)).toEqual([true, false, false]);
  });
});
