// A worker that decodes what it is sent, as an application would have it.

import { decodeImage } from "../src/browser/index.ts";

addEventListener("message", ({ data }: MessageEvent<Uint8Array>) => {
  decodeImage(data).then(
    ({ width, height, data: pixels }) => postMessage({ width, height, pixels }),
    (error: Error) => postMessage({ error: error.name }),
  );
});
