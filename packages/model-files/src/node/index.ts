// Model files in Node.
export {};
