// A process of its own that opens the model at the first argument with the cache at the second, and prints what it saw.

import { openModel } from "../src/index.ts";
import { directoryCache } from "../src/node/index.ts";

const [url = "", folder = ""] = process.argv.slice(2);
const notices: string[] = [];
const model = await openModel(url, {
  cache: directoryCache(folder),
  onNotice: ({ kind, reason }) => notices.push(`${kind}: ${reason}`),
});
const weights = await model.weights();
console.log(JSON.stringify({ notices, tensors: weights.size, words: await model.text("words.txt") }));
