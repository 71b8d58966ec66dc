// Where downloaded files stay. Keys are SHA-256 sums of what is stored, so that versions of a model, or two models, cannot
// be taken for each other; whoever reads checks the sum again, so that a cache may lose or spoil anything.

/** A store of bytes by key, 64 hexadecimal digits. Any method may reject; a model is then loaded without the cache. */
export interface FileCache {
  /** The bytes, or undefined. */
  read(key: string): Promise<Uint8Array | undefined>;
  /** Keeps a copy. All or nothing: a reader never sees half of it. */
  write(key: string, bytes: Uint8Array): Promise<void>;
  /** Forgets the bytes, if they are there. */
  remove(key: string): Promise<void>;
}
