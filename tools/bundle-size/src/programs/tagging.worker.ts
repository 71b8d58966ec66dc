import { createWasmBackend } from "@saccade/attention-core/wasm";
import { openModel } from "@saccade/model-files";
import { createPipeline } from "@saccade/pipeline";
import { upos } from "@saccade/text-tokens";
import { uposModel } from "@saccade/text-tokens/models/upos";
import { exposePipeline } from "@saccade/worker-bridge";

exposePipeline((_request, context) => {
  const model = openModel(uposModel, context);
  return createPipeline(upos, { model, backends: [createWasmBackend], signal: context.signal });
});
