// Sound that is about as loud and as varied as speech: cheap to draw, and no recording.
import { createRandom } from "../random.ts";

/** `seconds` of it at `sampleRate`: syllables of a few harmonics and noise, silence between them. */
export function babble(seconds: number, sampleRate: number, seed = 1): Float32Array<ArrayBuffer> {
  const random = createRandom(seed);
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  for (let at = 0; at < samples.length;) {
    const length = Math.round((0.1 + 0.4 * random()) * sampleRate);
    const pitch = (2 * Math.PI * (90 + 160 * random())) / sampleRate;
    const [voice, noise] = random() < 0.25 ? [0, 0.001] : [0.05 + 0.1 * random(), 0.01 * random()];
    for (let i = 0; i < length && at < samples.length; i++, at++) {
      let sum = 0;
      for (let harmonic = 1; harmonic <= 8; harmonic++) sum += Math.sin(harmonic * pitch * i) / harmonic;
      samples[at] = voice * Math.sin((Math.PI * i) / length) * sum + noise * (2 * random() - 1);
    }
  }
  return samples;
}
