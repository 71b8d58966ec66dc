import { createWasmBackend } from "@saccade/attention-core/wasm";
import { createWebgpuBackend } from "@saccade/attention-core/webgpu";
import { openModel } from "@saccade/model-files";
import { createPipeline } from "@saccade/pipeline";
import { upos } from "@saccade/text-tokens";
import { uposModel } from "@saccade/text-tokens/models/upos";
import { exposePipeline } from "@saccade/worker-bridge";

exposePipeline((_request, context) => {
  const backends = [() => createWebgpuBackend({ software: true }), createWasmBackend];
  return createPipeline(upos, { model: openModel(uposModel, context), backends, signal: context.signal });
});
