// Which layer may import which: the arrows of ARCHITECTURE.md as a table. A project names its layer by an nx tag,
// `layer:core` for instance, in its package.json.

/** What the check needs of nx's project graph. */
export interface ProjectGraph {
  /** The tags of each project, by its name. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
  /** The projects that each project imports or declares, by its name. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
}

/** For each layer, those it may import. A layer that is not here is an error: decide on its arrows first. */
export const allowedArrows: Readonly<Record<string, readonly string[]>> = {
  core: [],
  files: [],
  training: ["core"],
  pipeline: ["core", "files"],
  bridge: ["core", "files", "pipeline"],
  plugin: ["core", "pipeline"],
  conformance: ["core", "pipeline"],
  app: ["bridge", "conformance", "core", "files", "pipeline", "plugin", "training"],
  tool: ["app", "bridge", "conformance", "core", "files", "pipeline", "plugin", "tool", "training"],
};

const prefix = "layer:";

/** One sentence for each project without exactly one known layer, and for each arrow that points the wrong way. */
export function findLayerFaults(graph: ProjectGraph): string[] {
  const faults: string[] = [];
  const layers = new Map<string, string>();
  for (const [project, tags] of Object.entries(graph.tags)) {
    const found = tags.filter((tag) => tag.startsWith(prefix)).map((tag) => tag.slice(prefix.length));
    const [layer] = found;
    if (layer === undefined || found.length > 1 || !(layer in allowedArrows)) {
      const known = Object.keys(allowedArrows).map((name) => prefix + name);
      faults.push(`${project} must have one tag of ${known.join(", ")}; its tags are [${tags.join(", ")}]`);
    } else {
      layers.set(project, layer);
    }
  }
  for (const [from, targets] of Object.entries(graph.dependencies)) {
    const layer = layers.get(from);
    if (layer === undefined) continue;
    for (const to of targets) {
      const target = layers.get(to);
      if (target === undefined || allowedArrows[layer]?.includes(target)) continue;
      faults.push(`${from} (${layer}) must not depend on ${to} (${target})`);
    }
  }
  return faults;
}
