// The program behind the root script `conformance`.

/// <reference types="node" />

import { runCli } from "./cli/cli.ts";

// Whoever reads the lines may have seen enough: `conformance ... | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await runCli(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
});
