// A page that reads a recording, and labels sound while it comes.
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { openModel } from "@saccade/model-files";
import { createPipeline } from "@saccade/pipeline";
import { digitStrings, readWav, streamDigitStrings } from "@saccade/speech-frames";

const model = await openModel(new URL("models/digit-strings/", location.href));
const pipeline = await createPipeline(digitStrings, { model, backends: [createWasmBackend] });
const answer = await fetch("recording.wav");
const recording = readWav(new Uint8Array(await answer.arrayBuffer()));
console.log(await pipeline.run([recording]));
const { samples, sampleRate } = recording;
for await (const { labels } of streamDigitStrings(pipeline, [samples], { model, sampleRate })) console.log(...labels);
