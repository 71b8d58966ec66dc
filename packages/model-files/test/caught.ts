import { ModelFileError } from "../src/errors.ts";

/** The `ModelFileError` that `read` throws, or undefined if it throws none. Another error is thrown on. */
export function caught(read: () => unknown): ModelFileError | undefined {
  try {
    read();
  } catch (error) {
    if (error instanceof ModelFileError) return error;
    throw error;
  }
  return undefined;
}

/** The `ModelFileError` that a promise rejects with, or undefined if it fulfils. Another error is thrown on. */
export async function rejected(promise: Promise<unknown>): Promise<ModelFileError | undefined> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ModelFileError) return error;
    throw error;
  }
  return undefined;
}

/** Milliseconds that this process has computed: time that does not pass while another process has the machine. */
export function computedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
