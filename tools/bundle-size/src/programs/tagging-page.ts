// A page that tags text in a worker: what the README of the repository shows.
import { connectPipeline } from "@saccade/worker-bridge";

const worker = new Worker(new URL("./tagging.worker.ts", import.meta.url), { type: "module" });
const tagger = await connectPipeline(worker);
console.log(await tagger.run(["I saw a saw"]));
