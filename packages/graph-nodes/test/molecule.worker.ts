// Reads molecules in a worker: where a page should.

import { moleculeGraph } from "../src/molecules.ts";

self.onmessage = ({ data }: MessageEvent<string>): void => {
  self.postMessage(
    moleculeGraph(data)
      .atoms.map(({ element }) => element)
      .join(" "),
  );
};
