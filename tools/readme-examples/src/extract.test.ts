import { expect, test } from "vitest";
import { extractExamples } from "./extract.ts";

const text = `# Title

\`\`\`sh
npm install
\`\`\`

\`\`\`ts
console.log(1);
\`\`\`

\`\`\`text
1
\`\`\`

\`\`\`ts browser=page.ts
alert(1);
\`\`\`

Words between.

\`\`\`text
not its output
\`\`\`
`;

test("extractExamples() finds programs, what they print, and modules of pages", () => {
  expect(extractExamples("README.md", text)).toEqual([
    { place: "README.md:7", code: "console.log(1);\n", output: "1\n", browser: null },
    { place: "README.md:15", code: "alert(1);\n", output: null, browser: "page.ts" },
  ]);
});

test("extractExamples() refuses a block without an end", () => {
  expect(() => extractExamples("README.md", "a\n```ts\nb")).toThrow(
    "Cannot read README.md: the block of line 2 must end, it does not",
  );
});
