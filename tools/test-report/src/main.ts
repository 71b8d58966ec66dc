// The test command: runs every check of the workspace through nx and closes with one summed line. Tests count one by
// one, every other task counts as one check. Arguments go to nx, for instance --projects=@saccade/attention-core.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkOutcome, formatOutcomes, sum, testOutcome, type TaskOutcome, type TestCounts } from "./counts.ts";

const checkTargets = [
  "wasm",
  "build",
  "typecheck",
  "lint",
  "check-layers",
  "smoke",
  "api-check",
  "package-check",
  "bundle-size",
];
const testTargets = ["test", "test-browser"];
const targets = [...checkTargets, ...testTargets];

const workspaceRoot = fileURLToPath(new URL("../../..", import.meta.url));
const nxManifest = createRequire(join(workspaceRoot, "package.json")).resolve("nx/package.json");
const nx = join(dirname(nxManifest), (readJson(nxManifest) as { bin: { nx: string } }).bin.nx);

interface Task {
  readonly id: string;
  readonly projectRoot: string;
  readonly target: { readonly target: string };
}

function runNx(args: readonly string[]): number {
  // Without the daemon nx restores the outputs of a cached task whether or not it thinks they are still there.
  const env: NodeJS.ProcessEnv = { ...process.env, NX_DAEMON: "false" };
  // nx asks its tasks for colours unless it is told not to, and they complain about NO_COLOR then.
  if (env["NO_COLOR"]) Object.assign(env, { NO_COLOR: undefined, FORCE_COLOR: "0" });
  return spawnSync(process.execPath, [nx, ...args], { cwd: workspaceRoot, env, stdio: "inherit" }).status ?? 1;
}

function readJson(path: string): unknown {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

/** The tasks that the command will run. */
function planTasks(command: readonly string[]): Task[] {
  const folder = mkdtempSync(join(tmpdir(), "saccade-"));
  try {
    const file = join(folder, "graph.json");
    const status = runNx([...command, `--graph=${file}`]);
    const plan = readJson(file) as { tasks: { tasks: Record<string, Task> } } | undefined;
    if (status !== 0 || plan === undefined) throw new Error("Cannot plan the tasks: nx wrote no graph");
    return Object.values(plan.tasks.tasks);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const command = [
  "run-many",
  "--targets",
  targets.join(","),
  "--nxBail=false",
  "--outputStyle=static",
  ...process.argv.slice(2),
];
const tasks = planTasks(command);
const runFile = join(workspaceRoot, ".nx/cache/run.json");
const reportOf = (task: Task): string => join(workspaceRoot, task.projectRoot, "reports", `${task.target.target}.json`);

// What an earlier run left must not count.
rmSync(runFile, { force: true });
for (const task of tasks) rmSync(reportOf(task), { force: true });

const nxStatus = runNx(command);
const run = readJson(runFile) as { tasks: { taskId: string; status: number }[] } | undefined;
const statuses = new Map(run?.tasks.map(({ taskId, status }) => [taskId, status]));

const outcomes: TaskOutcome[] = tasks.map((task) => {
  const status = statuses.get(task.id);
  if (!testTargets.includes(task.target.target)) return checkOutcome(task.id, status);
  return testOutcome(task.id, status, readJson(reportOf(task)) as TestCounts | undefined);
});
if (nxStatus !== 0 && sum(outcomes, "failed") === 0) outcomes.push(checkOutcome("nx", nxStatus));
console.log(`\n${formatOutcomes(outcomes)}`);
process.exitCode = sum(outcomes, "failed") === 0 ? 0 : 1;
