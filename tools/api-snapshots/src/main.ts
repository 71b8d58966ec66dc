// Compares the declarations of each public entry of the package in the current folder with the committed snapshot
// `api/<entry>.api.md`; `--write` brings the snapshots up to date. Reads the built declarations, so build first.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

const packageFolder = resolve(".");
const snapshotFolder = join(packageFolder, "api");
const write = process.argv.includes("--write");

/** The report of one entry: its exported declarations, sorted, without documentation. */
function describeEntry(name: string, declarations: string): string {
  const folder = mkdtempSync(join(tmpdir(), "saccade-api-"));
  try {
    const config = ExtractorConfig.prepare({
      packageJsonFullPath: join(packageFolder, "package.json"),
      configObjectFullPath: undefined,
      configObject: {
        projectFolder: packageFolder,
        mainEntryPointFilePath: join(packageFolder, declarations),
        newlineKind: "lf",
        compiler: {
          overrideTsconfig: {
            compilerOptions: {
              target: "es2023",
              lib: ["ESNext", "WebWorker"],
              module: "nodenext",
              moduleResolution: "nodenext",
              strict: true,
              skipLibCheck: true,
              types: [],
            },
            files: [join(packageFolder, declarations)],
          },
          skipLibCheck: true,
        },
        apiReport: { enabled: true, reportFileName: `${name}.api.md`, reportFolder: folder, reportTempFolder: folder },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        messages: {
          compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
          extractorMessageReporting: {
            default: { logLevel: ExtractorLogLevel.Error, addToApiReportFile: false },
            // Every export is public unless it says otherwise.
            "ae-missing-release-tag": { logLevel: ExtractorLogLevel.None },
            "ae-undocumented": { logLevel: ExtractorLogLevel.None },
            "ae-unresolved-link": { logLevel: ExtractorLogLevel.None },
            // A type may be visible through a signature without having a name of its own in the entry.
            "ae-forgotten-export": { logLevel: ExtractorLogLevel.None },
          },
          tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        },
      },
    });
    const { errorCount } = Extractor.invoke(config, {
      localBuild: true,
      messageCallback: (message) => {
        // Only what is wrong with the declarations; nothing about the report it writes or its own compiler's age.
        message.handled = true;
        if (message.logLevel === ExtractorLogLevel.Error)
          console.error(`${name}: ${message.formatMessageWithLocation(packageFolder)}`);
      },
    });
    if (errorCount > 0) throw new Error(`Cannot describe entry ${name}: ${errorCount} errors in its declarations`);
    return readFileSync(join(folder, `${name}.api.md`), "utf8");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The entries with types of an exports map, as [name of the snapshot, path of the declarations]. */
function listEntries(): [string, string][] {
  const manifest = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")) as {
    exports: Record<string, string | { types?: string }>;
  };
  return Object.entries(manifest.exports).flatMap(([path, target]): [string, string][] => {
    const types = typeof target === "string" ? undefined : target.types;
    return types === undefined ? [] : [[path === "." ? "index" : path.slice(2).replaceAll("/", "-"), types]];
  });
}

/** The first line that differs, for a reader who has no diff at hand. */
function firstDifference(before: string, after: string): string {
  const old = before.split("\n");
  const now = after.split("\n");
  const line = now.findIndex((text, index) => text !== old[index]);
  const at = line === -1 ? now.length : line;
  return `line ${at + 1}\n  - ${old[at] ?? ""}\n  + ${now[at] ?? ""}`;
}

const entries = listEntries();
let faults = 0;
for (const [name, declarations] of entries) {
  const file = join(snapshotFolder, `${name}.api.md`);
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const after = describeEntry(name, declarations);
  if (before === after) continue;
  if (write) {
    mkdirSync(snapshotFolder, { recursive: true });
    writeFileSync(file, after);
    console.log(`wrote api/${basename(file)}`);
  } else {
    faults += 1;
    console.error(
      `api/${basename(file)} is not up to date (\`pnpm api\` writes it): ${firstDifference(before, after)}`,
    );
  }
}
const known = new Set(entries.map(([name]) => `${name}.api.md`));
for (const file of existsSync(snapshotFolder) ? readdirSync(snapshotFolder) : []) {
  if (known.has(file)) continue;
  if (write) rmSync(join(snapshotFolder, file));
  else console.error(`api/${file} belongs to no entry`);
  if (!write) faults += 1;
}
console.log(`${entries.length} entries, ${faults} differ from their snapshots`);
process.exitCode = faults === 0 ? 0 : 1;
