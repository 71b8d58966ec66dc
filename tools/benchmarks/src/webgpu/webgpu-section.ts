// The section of BENCHMARKS.md about the GPU: where it is in the page, and what it says where no card was measured. It is
// written apart from the rest, since a card may be in another machine.

const heading = "## WebGPU";
/** How the section begins where a card was measured. */
export const measured = "- Measured on ";

/** The section of `page`, without the blank lines around it; that of a card that nobody has used, where there is none. */
export function webgpuSectionOf(page: string): string {
  const [from, to] = sectionBounds(page);
  return from < 0
    ? unmeasuredSection(
        "no card has been used; `bench --backend webgpu --write` on a machine with one writes this section",
      )
    : page.slice(from, to).trim();
}

/** `page` with another section, at its place or at the end. */
export function replaceWebgpuSection(page: string, section: string): string {
  const [from, to] = sectionBounds(page);
  if (from < 0) return `${page.trimEnd()}\n\n${section}\n`;
  const after = page.slice(to).trim();
  return `${page.slice(0, from)}${section}\n${after === "" ? "" : `\n${after}\n`}`;
}

/** Whether the section has figures of a card. */
export function isMeasured(section: string): boolean {
  return section.includes(`\n${measured}`);
}

/** A section without figures, `lines` below the reason. */
export function unmeasuredSection(reason: string, ...lines: readonly string[]): string {
  return [`${heading}\n`, `- Unmeasured: ${reason}`, ...lines].join("\n");
}

/** A section with those of a card. */
export function measuredSection(...parts: readonly string[]): string {
  return [heading, ...parts].join("\n\n");
}

/** Where it begins, -1 if nowhere, and where the next section of its rank does. */
function sectionBounds(page: string): readonly [from: number, to: number] {
  const from = `\n${page}`.indexOf(`\n${heading}\n`);
  if (from < 0) return [-1, -1];
  const next = page.indexOf("\n## ", from + heading.length);
  return [from, next < 0 ? page.length : next + 1];
}
