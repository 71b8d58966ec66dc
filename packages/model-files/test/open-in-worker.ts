// A worker without a network that opens the model of the page's cache.

import { openModel } from "../src/index.ts";

async function open(): Promise<void> {
  const kinds: string[] = [];
  const model = await openModel("https://models.example/toy/", {
    fetch: () => Promise.reject(new TypeError("Failed to fetch")),
    onNotice: ({ kind }) => kinds.push(kind),
  });
  postMessage({ tensors: (await model.weights()).size, kinds });
}

addEventListener("message", () => void open());
