// What npm users would get: the tarball of a package, with workspace references replaced by versions.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Packs the package in `folder` by pnpm into `destination` and returns the path of the tarball. */
export function packPackage(folder: string, destination: string): string {
  mkdirSync(destination, { recursive: true });
  const pack = spawnSync("pnpm", ["pack", "--json", "--pack-destination", destination], {
    cwd: folder,
    encoding: "utf8",
  });
  if (pack.error) throw new Error("Cannot pack: pnpm must be on PATH (start with npx -y pnpm)", { cause: pack.error });
  if (pack.status !== 0)
    throw new Error(`Cannot pack ${folder}: pnpm ended with status ${pack.status}\n${pack.stdout}${pack.stderr}`);
  const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
  };
  return join(destination, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
}

/** Unpacks a package's tarball as `node_modules/<name>` under `root`. */
export function unpackPackage(tarball: string, root: string, name: string): void {
  const target = join(root, "node_modules", name);
  mkdirSync(target, { recursive: true });
  const tar = spawnSync("tar", ["-xzf", tarball, "--strip-components=1", "-C", target], { stdio: "inherit" });
  if (tar.status !== 0) throw new Error(`Cannot unpack ${tarball}: tar ended with status ${tar.status}`);
}
