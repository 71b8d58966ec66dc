// The part of sharp that is used. Its own types bring those of Node with them, into a package that must do without.

/** An image that sharp reads. */
export interface SharpImage {
  /** Turns it as its EXIF data says. */
  autoOrient(): SharpImage;
  toColourspace(space: "srgb" | "cmyk"): SharpImage;
  /** What it works in on the way; not converted if it is the same. */
  pipelineColourspace(space: "cmyk"): SharpImage;
  ensureAlpha(): SharpImage;
  raw(options: { readonly depth: "uchar" }): SharpImage;
  toBuffer(options: { readonly resolveWithObject: true }): Promise<{
    readonly data: Uint8Array;
    readonly info: { readonly width: number; readonly height: number; readonly channels: number };
  }>;
}

/** What is told to sharp of a file. */
export interface SharpOptions {
  readonly failOn: "error";
  readonly limitInputPixels: number;
  readonly ignoreIcc: boolean;
}

/** Opens a file's bytes. */
export type Sharp = (bytes: Uint8Array, options: SharpOptions) => SharpImage;

/** sharp, if it is installed. Rejects with an error that says what to do if it is not. */
export async function loadSharp(): Promise<Sharp> {
  // Not a literal, so that its types stay out; it has native code, which no bundler takes in anyway.
  const name = "sharp";
  try {
    const loaded = (await import(name)) as { readonly default: Sharp };
    return loaded.default;
  } catch (cause) {
    throw new Error(
      "Cannot decode images: the package sharp must be installed (npm install sharp), it cannot be loaded",
      {
        cause,
      },
    );
  }
}
