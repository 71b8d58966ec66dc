import { expect, it } from "vitest";
import { checkWebgpuGoals } from "./webgpu-goals.ts";
import { exampleSoftwareRun, exampleTimed } from "./webgpu-run.fixture.ts";

it("checkWebgpuGoals() holds the widest attention against a share of the peak, and says nothing of a program", () => {
  const { times } = exampleTimed();
  const slow = exampleTimed({ times: { ...times, share: 0.2 } });
  expect(checkWebgpuGoals([exampleTimed()])).toMatchObject([{ measured: "44.0 %", met: true }]);
  expect(checkWebgpuGoals([slow])).toMatchObject([{ measured: "20.0 %", met: false }]);
  expect(checkWebgpuGoals(exampleSoftwareRun().outcomes)).toMatchObject([{ measured: "not measured", met: undefined }]);
});
