import type sharp from "sharp";
import { expectTypeOf, test } from "vitest";
import { describeDecoder } from "../../test/describe-decoder.ts";
import { decodeImage } from "./index.ts";
import type { Sharp } from "./sharp.ts";

describeDecoder(decodeImage, 0);

test("what is known of sharp is what sharp is", () => {
  expectTypeOf<typeof sharp>().toExtend<Sharp>();
});
