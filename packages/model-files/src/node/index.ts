// Model files in Node: folders on disk, and a cache in one.

export { directoryCache } from "./directory-cache.ts";
export { openModelDirectory, writeModelDirectory } from "./model-directory.ts";
