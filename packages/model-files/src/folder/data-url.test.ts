import { expect, test } from "vitest";
import { rejected } from "../../test/caught.ts";
import { packToyModel } from "../../test/toy-model.ts";
import { openModel } from "./open-model.ts";

const files = await packToyModel();

test("openModel() opens files in data: URLs, in base64 and as text, without fetch", async () => {
  const noFetch = (): Promise<Response> => Promise.reject(new TypeError("refused by the content security policy"));
  const set = Object.fromEntries(
    Object.entries(files).map(([path, bytes]) => [
      path,
      path.endsWith("json")
        ? `data:application/json,${encodeURIComponent(new TextDecoder().decode(bytes))}`
        : `data:application/octet-stream;base64,${Buffer.from(bytes).toString("base64")}`,
    ]),
  );
  const model = await openModel(set, { fetch: noFetch });
  expect((await model.weights()).size).toBe(1);
  expect(await model.text("words.txt")).toBe("eins\nzwei\n");
});

test.each(["data:;base64,***", "data:,%ff", "data:"])("openModel() refuses %s", async (url) => {
  expect(await rejected(openModel({ "files.json": url }))).toMatchObject({
    code: "file-unreadable",
    file: "files.json of the given files",
  });
});
