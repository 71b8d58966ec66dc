// The largest model and graph that may be asked for; as those of the core, far above any that fits a page and far below
// what exhausts memory.

/** Nodes, features and labels. */
export const largestCount = 16_777_216;

/** Columns of a row. */
export const largestWidth = 65_536;
