// Numbers for people.

/** Three significant digits, in the unit that suits. */
export function formatMs(ms: number): string {
  if (ms < 1) return `${(ms * 1000).toPrecision(3)} µs`;
  if (ms < 1000) return `${ms.toPrecision(3)} ms`;
  return `${(ms / 1000).toPrecision(3)} s`;
}

/** `93.1 %` */
export function formatPercent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** `1.73 x` */
export function formatRatio(ratio: number): string {
  return `${ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2)} x`;
}

/** In MB of 10^6 bytes. */
export function formatBytes(bytes: number, digits = 0): string {
  return `${(bytes / 1e6).toFixed(digits)} MB`;
}

/** `1,234 images a second` */
export function formatItems({ unit, perSecond }: { readonly unit: string; readonly perSecond: number }): string {
  return `${Number(perSecond.toPrecision(3)).toLocaleString("en")} ${unit} a second`;
}

/** `14.2 thousand`, or a million and more in millions. */
export function formatCount(count: number): string {
  return count < 1e6 ? `${(count / 1e3).toFixed(1)} thousand` : `${(count / 1e6).toFixed(2)} million`;
}
