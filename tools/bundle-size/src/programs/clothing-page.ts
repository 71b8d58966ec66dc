// A page that labels a photo: the platform decodes it, with heat over what it was judged by.
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { attentionWeights, clothing, heatMap, paintHeatMap } from "@saccade/image-patches";
import { decodeImage } from "@saccade/image-patches/browser";
import { clothingModel } from "@saccade/image-patches/models/clothing";
import { openModel } from "@saccade/model-files";
import { createPipeline } from "@saccade/pipeline";

const pipeline = await createPipeline(clothing, { model: openModel(clothingModel), backends: [createWasmBackend] });
const answer = await fetch("photo.jpg");
const photo = await decodeImage(new Uint8Array(await answer.arrayBuffer()), { maxPixels: 16_000_000 });
const [explained] = await pipeline.explain([photo], { full: true });
const pooling = explained!.sets[0]!.layers.at(-1)!;
console.log(explained!.output.label, paintHeatMap(heatMap(attentionWeights(pooling, 0), [7, 7], photo), photo));
