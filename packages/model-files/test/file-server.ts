// A local server of a model's files that can be told to misbehave.

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers a request for `path`; `nth` counts the requests for it, from 1. Returns false to be served the file. */
export type Fault = (path: string, nth: number, response: ServerResponse, bytes: Uint8Array | undefined) => boolean;

/** A server of `files` at `url`. */
export interface FileServer extends AsyncDisposable {
  readonly url: URL;
  /** What is served; may be changed. */
  files: Readonly<Record<string, Uint8Array>>;
  fault: Fault;
  /** Requests so far, for each path. */
  readonly requests: Map<string, number>;
  /** Answers that ended before all was sent, because the other side hung up. */
  readonly aborted: string[];
}

/** Starts a server on a free port. */
export async function serveFiles(files: Readonly<Record<string, Uint8Array>>): Promise<FileServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? "").replace(/^\/models\/toy\//, "");
    const nth = (served.requests.get(path) ?? 0) + 1;
    served.requests.set(path, nth);
    response.on("close", () => {
      if (!response.writableFinished) served.aborted.push(path);
    });
    const bytes = Object.hasOwn(served.files, path) ? served.files[path] : undefined;
    if (served.fault(path, nth, response, bytes)) return;
    response.writeHead(bytes ? 200 : 404, { "Content-Type": bytes ? "application/octet-stream" : "text/html" });
    response.end(bytes ?? "<!doctype html><title>Not found</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const served: FileServer = {
    url: new URL(`http://127.0.0.1:${port}/models/toy`),
    files,
    fault: () => false,
    requests: new Map(),
    aborted: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return served;
}

/** Promises `length` bytes, or does not say how many, sends those of `bytes`, and hangs up. */
export function breakOff(response: ServerResponse, bytes: Uint8Array, length?: number): void {
  response.writeHead(200, length === undefined ? {} : { "Content-Length": length });
  response.write(bytes, () => response.destroy());
}
