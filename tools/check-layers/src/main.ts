// Checks the direction of imports between packages, inside attention-core and inside plugins, and that the compiler's project
// references follow the dependencies. Exits 1 with a sentence for each fault; `--write` mends the references.
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { createProjectGraphAsync } from "@nx/devkit";
import { findFolderFaults } from "./core-folders.ts";
import { findLayerFaults, type ProjectGraph } from "./layers.ts";
import { findPlatformFaults } from "./platform-folders.ts";
import { findReferenceFaults } from "./references.ts";
import { listManifests } from "./workspace.ts";

const workspaceRoot = fileURLToPath(new URL("../../..", import.meta.url));

async function readProjectGraph(): Promise<ProjectGraph> {
  const graph = await createProjectGraphAsync({ exitOnError: true });
  const tags = Object.values(graph.nodes).map((node) => [node.name, node.data.tags ?? []] as const);
  const dependencies = Object.entries(graph.dependencies).map(
    ([project, edges]) => [project, edges.map(({ target }) => target)] as const,
  );
  return { tags: Object.fromEntries(tags), dependencies: Object.fromEntries(dependencies) };
}

/** The sources of a package that ship, by their paths below `src`. */
function readSources(folder: string): Record<string, string> {
  const root = join(workspaceRoot, folder, "src");
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).map((path) => path.split(sep).join("/"));
  // Kernels are AssemblyScript, a world of their own; tests may compare backends.
  const wanted = paths.filter(
    (path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.startsWith("wasm/kernels/"),
  );
  return Object.fromEntries(wanted.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

const write = process.argv.includes("--write");
const graph = await readProjectGraph();
const sources = readSources("packages/attention-core");
const plugins = listManifests(workspaceRoot).filter(({ name }) => graph.tags[name]?.includes("layer:plugin"));
const faults = [
  ...findLayerFaults(graph),
  ...findFolderFaults(sources),
  ...plugins.flatMap(({ name, folder }) => findPlatformFaults(name, readSources(folder))),
  ...findReferenceFaults(workspaceRoot, write),
];
for (const fault of faults) console.error(fault);
console.log(
  `${Object.keys(graph.tags).length} projects, ${Object.keys(sources).length} files of attention-core: ${faults.length} faults`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
