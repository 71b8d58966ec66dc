// The program behind the root script `conformance`.

/// <reference types="node" />

import { runCli } from "./cli/cli.ts";

process.exitCode = await runCli(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
});
