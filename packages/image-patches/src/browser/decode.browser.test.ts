import { expect, test } from "vitest";
import { describeDecoder } from "../../test/describe-decoder.ts";
import { files } from "../../test/golden/files.ts";
import { bytesOf, soundFile } from "../../test/hostile-files.ts";
import { decodeImage } from "./index.ts";

describeDecoder(decodeImage, 3);

test("decodeImage() works in a worker", async () => {
  const worker = new Worker(new URL("../../test/decode-worker.ts", import.meta.url), { type: "module" });
  try {
    const answer = async (bytes: Uint8Array): Promise<unknown> => {
      const answered = new Promise((resolve) =>
        worker.addEventListener("message", ({ data }) => resolve(data), { once: true }),
      );
      worker.postMessage(bytes);
      return answered;
    };
    const { width, height, pixels } = files["rgb.png"];
    expect(await answer(soundFile("rgb.png"))).toEqual({
      width,
      height,
      pixels: new Uint8ClampedArray(bytesOf(pixels)),
    });
    expect(await answer(new Uint8Array(9))).toEqual({ error: "ImageFormatError" });
  } finally {
    worker.terminate();
  }
});
