import { describe, expect, it } from "vitest";
import { toJavaScript } from "./older-node.ts";

describe("toJavaScript()", () => {
  it("strips types and renames relative imports, of both kinds", () => {
    const source = `import { a } from "./a.ts";\nimport b from "b.ts";\nconst c: number = (await import("../c.ts")).c;\n`;
    const script = toJavaScript(source);
    expect(script).toContain(`from "./a.js"`);
    expect(script).toContain(`from "b.ts"`);
    expect(script).toContain(`import("../c.js")`);
    expect(script).not.toContain("number");
  });
});
