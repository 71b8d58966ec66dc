// One Vitest preset for every package: `node`, and the same browser tests in Chromium twice, with and without
// cross-origin isolation (that is, with and without shared memory).
//
//   x.test.ts             runs in Node
//   x.browser.test.ts     runs in Chromium, isolated and plain
//   x.everywhere.test.ts  runs in all three
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig, type TestProjectInlineConfiguration, type ViteUserConfig } from "vitest/config";

/** Arguments that make headless Chromium offer WebGPU by its software adapter, and stay off the network. */
export const chromiumArguments: readonly string[] = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  // SwiftShader takes seconds to compile a program whose workgroup memory is cleared at once; Dawn clears it in loops instead.
  "--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension",
];

/** The headers that give a page shared memory. */
export const isolationHeaders: Readonly<Record<string, string>> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const workspaceRoot = fileURLToPath(new URL(".", import.meta.url));
const sourceCondition = "@saccade/source";

/**
 * The Chromium to test with: `CHROMIUM_PATH`, else the first one on PATH, else the one that the npm package
 * `@sparticuz/chromium` unpacks (Linux x64). `NPM_CHROMIUM=1` asks for the last one.
 */
export async function chromiumPath(): Promise<string> {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const candidates = [
    process.env["CHROMIUM_PATH"],
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
  ];
  const found = process.env["NPM_CHROMIUM"] ? undefined : candidates.find((path) => path && isRunnable(path));
  if (found) return found;
  // With this variable set the package also unpacks the system libraries that a bare machine lacks.
  process.env["AWS_LAMBDA_JS_RUNTIME"] ??= "nodejs22.x";
  const { default: chromium } = await import("@sparticuz/chromium");
  return chromium.executablePath();
}

/**
 * The whole configuration of a package's tests; its `vitest.config.ts` is `export default await preset()`. `gpu` gives the
 * tests in Node a `navigator.gpu`.
 */
export async function preset({ gpu = false }: { readonly gpu?: boolean } = {}): Promise<ViteUserConfig> {
  const executablePath = await chromiumPath();
  const conditions = [sourceCondition, "module", "browser", "development|production", "import", "default"];
  const nodeConditions = [sourceCondition, "module", "node", "development|production", "import", "default"];
  const chromium = (name: string, headers: Readonly<Record<string, string>>): TestProjectInlineConfiguration => ({
    resolve: { conditions },
    server: { headers: { ...headers }, fs: { allow: [workspaceRoot] } },
    worker: { format: "es" },
    // Named here, because finding out while a test loads makes Vite reload the page under it.
    // Those that only packages depend on cannot be named from here, and need no optimizing: they are modules already.
    optimizeDeps: { include: ["fast-check"], exclude: ["comlink", "@noble/hashes", "fourier-transform"] },
    test: {
      name,
      include: ["{src,test}/**/*.{browser,everywhere}.test.ts"],
      fileParallelism: false,
      testTimeout: 60_000,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { executablePath, args: [...chromiumArguments] } }),
        instances: [{ browser: "chromium" }],
      },
    },
  });
  return defineConfig({
    test: {
      projects: [
        {
          resolve: { conditions: nodeConditions },
          ssr: { resolve: { conditions: nodeConditions } },
          test: {
            name: "node",
            include: ["{src,test}/**/*.test.ts"],
            exclude: ["**/*.browser.test.ts", "**/node_modules/**"],
            testTimeout: 60_000,
            setupFiles: gpu ? [join(workspaceRoot, "vitest.gpu.ts")] : [],
          },
        },
        chromium("chromium", isolationHeaders),
        chromium("chromium-plain", {}),
      ],
    },
  });
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
