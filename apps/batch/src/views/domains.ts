// Recordings, molecules, papers and pictures with what models say of them.

import type { HeardRecording, JudgedMolecule, JudgedPicture, LabelledPapers } from "../examples/read-domains.ts";
import type { SamplePaper } from "../samples/citation-graph.ts";
import type { Look } from "../terminal/look.ts";
import { table } from "../terminal/table.ts";
import { percent } from "./numbers.ts";

/** The digits that were heard, and each segment with its times. */
export function recordingView({ digits, segments }: HeardRecording, look: Look): string[] {
  const heard = digits === null ? [] : [`heard      ${look.good(digits.labels.join(" "))}`];
  if (segments === null) return heard;
  const rows = segments.map(({ label, start, end, score }) => [
    `${start.toFixed(2)} s`,
    `${end.toFixed(2)} s`,
    label,
    percent(score),
  ]);
  const columns = [
    { title: "from", align: "right" },
    { title: "to", align: "right" },
    { title: "label" },
    { title: "certain", align: "right" },
  ] as const;
  return [...heard, ...(heard.length > 0 ? [""] : []), ...table(columns, rows)];
}

/** Two numbers for each molecule, and the atoms that had the largest shares of the attention behind the first. */
export function moleculesView(judged: readonly JudgedMolecule[]): string[] {
  const rows = judged.map(({ molecule, solubility, lipophilicity, shares }) => [
    molecule.name,
    solubility === null ? "" : `${solubility.value.toFixed(2)} ${solubility.unit}`,
    lipophilicity === null ? "" : lipophilicity.value.toFixed(2),
    solubility === null ? "" : strongestAtoms(solubility.atoms, shares),
  ]);
  const columns = [
    { title: "molecule" },
    { title: "solubility", align: "right" },
    { title: "log D", align: "right" },
    { title: "atoms looked at most" },
  ] as const;
  return table(columns, rows);
}

function strongestAtoms(atoms: readonly { readonly element: string }[], shares: readonly number[]): string {
  return shares
    .map((share, atom) => ({ share, atom }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, 3)
    .map(({ share, atom }) => `${atoms[atom]!.element}${atom + 1} ${percent(share)}`)
    .join(", ");
}

/** For each paper what it is about, by which words, and at whom it looks. */
export function papersView(papers: readonly SamplePaper[], { labels, edges, weights }: LabelledPapers): string[] {
  const rows = papers.map(({ about }, paper) => [
    String(paper + 1),
    about ?? "no words at all",
    labels[paper]!.label,
    percent(labels[paper]!.score),
    looksAt(paper, edges, weights),
  ]);
  const columns = [
    { title: "paper", align: "right" },
    { title: "its words" },
    { title: "label" },
    { title: "certain", align: "right" },
    { title: "looks at" },
  ] as const;
  return table(columns, rows);
}

function looksAt(paper: number, { from, to }: LabelledPapers["edges"], weights: readonly number[]): string {
  const seen: { readonly other: number; readonly weight: number }[] = [];
  to.forEach((node, edge) => {
    if (node === paper) seen.push({ other: from[edge]!, weight: weights[edge]! });
  });
  return seen
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, 3)
    .map(({ other, weight }) => `${other === paper ? "itself" : String(other + 1)} ${percent(weight)}`)
    .join(", ");
}

/** Rows of the map of a picture in letters. */
const mapRows = 14;

/** The label, and where the model looked, in shades. */
export function pictureView({ label, map }: JudgedPicture, look: Look): string[] {
  const ranked = label.labels.toSorted((a, b) => b.score - a.score).slice(0, 3);
  const { values, width, height } = map;
  const largest = values.reduce((most, value) => Math.max(most, value), 0) || 1;
  const columns = Math.max(1, Math.round((mapRows * width) / height));
  const lines = Array.from({ length: mapRows }, (_, row) =>
    Array.from({ length: columns }, (__, column) => {
      const y = Math.floor(((row + 0.5) * height) / mapRows);
      const x = Math.floor(((column + 0.5) * width) / columns);
      return look.shade(values[y * width + x]! / largest);
    }).join(""),
  );
  return [
    ranked.map((one, n) => `${n === 0 ? look.good(one.label) : one.label} ${percent(one.score)}`).join(", "),
    "",
    ...lines.map((line) => `|${line}|`),
  ];
}
