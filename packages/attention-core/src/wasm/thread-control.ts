// Places in the control block that the caller's thread and the pool share: an Int32Array over shared memory.

/** Counts the jobs that were started; threads sleep on it. */
export const sequenceAt = 0;
/** The next unit that nobody has taken. */
export const nextAt = 1;
/** Threads that are still at the job. */
export const busyAt = 2;
/** Number of the kernel. */
export const kernelAt = 3;
export const parametersAt = 4;
export const unitsAt = 5;
/** Units that are taken at a time. */
export const grabAt = 6;
export const scratchAt = 7;
export const scratchBytesAt = 8;
/** 1 tells the threads to end. */
export const endAt = 9;
/** 1 says that a kernel trapped on some thread. */
export const trappedAt = 10;
export const controlLength = 16;
