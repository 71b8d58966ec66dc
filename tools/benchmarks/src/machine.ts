// Where and when the figures were measured.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, cpus, platform, totalmem } from "node:os";
import { promisify } from "node:util";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  readonly olderNode: string | undefined;
  /** What the WASM runs on, and in which of the two instruction sets. */
  readonly adapter: string;
  /** Name and version of each package that takes part. */
  readonly packages: Readonly<Record<string, string>>;
  readonly commit: string;
  /** Year, month and day. */
  readonly date: string;
  /** Processes that wanted a core in the minute before the first case, on average. */
  readonly load: number;
}

/** Describes this machine, and the packages of those names. */
export async function describeMachine(
  adapter: string,
  olderNode: string | undefined,
  load: number,
  packages: readonly string[],
): Promise<Machine> {
  return {
    cpu: await cpuName(),
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
    olderNode,
    adapter,
    packages: Object.fromEntries(await Promise.all(packages.map(async (name) => [name, await versionOf(name)]))),
    commit: await commit(),
    date: new Date().toISOString().slice(0, 10),
    load,
  };
}

/** The model's name; on Linux also family and model, since virtual machines shorten the name. */
async function cpuName(): Promise<string> {
  const name = cpus()[0]?.model.trim() ?? "unknown";
  try {
    const text = await readFile("/proc/cpuinfo", "utf8");
    const field = (key: string): string | undefined => new RegExp(`^${key}\\s*: (.*)$`, "m").exec(text)?.[1];
    return field("cpu family") ? `${name} (family ${field("cpu family")}, model ${field("model")})` : name;
  } catch {
    return name;
  }
}

/** The version in the package's manifest, which its exports may hide: looked for where Node looks for packages. */
async function versionOf(name: string): Promise<string> {
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    try {
      return (JSON.parse(await readFile(`${folder}/${name}/package.json`, "utf8")) as { version: string }).version;
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(`Cannot find the version of ${name}: the package must be installed, it is not`);
}

/** Of the checkout, or what `GIT_COMMIT` says where the sources are no checkout. */
async function commit(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "--short", "HEAD"]);
    return stdout.trim();
  } catch {
    return process.env["GIT_COMMIT"] ?? "unknown";
  }
}
