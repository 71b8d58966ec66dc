// What a decoder is, as plain data.

import { checkInteger, largest } from "../config-checks.ts";
import { checkEncoderConfig, type EncoderConfig } from "../encoder/encoder-config.ts";

/** An encoder's layers, with cross-attention between self-attention and feed-forward where there is a memory to read. */
export interface DecoderConfig extends EncoderConfig {
  /** S, columns of the encoder's output that cross-attention reads; left out, the decoder has no cross-attention. */
  readonly memoryWidth?: number;
}

/** Throws unless `config` describes a decoder, which has no convolution: its cache holds keys and values alone. See `checkEncoderConfig`. */
export function checkDecoderConfig(config: DecoderConfig, subject = "decoder"): void {
  checkEncoderConfig(config, subject);
  if (config.convolution !== undefined) {
    throw new RangeError(`Cannot use ${subject}: convolution must be left out in a decoder, it is there`);
  }
  if (config.memoryWidth !== undefined) checkInteger(subject, "memoryWidth", config.memoryWidth, 1, largest.width);
}
