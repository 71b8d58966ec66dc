// Whether a device is gone, and what then becomes of those who wait for it.

/** How long after what fails by it the loss of a device may be told. */
const tellingMilliseconds = 1000;

/** The end of a device: lost, or disposed with its backend. */
export class Loss {
  readonly #gone: Promise<void>;
  #end = (): void => {};
  #error: Error | null = null;

  constructor() {
    this.#gone = new Promise((resolve) => (this.#end = resolve));
  }

  /** Why the device is gone; null while it is there. */
  get error(): Error | null {
    return this.#error;
  }

  /** From here on everything fails with that, and what waits is let go. */
  lose(error: Error): void {
    this.#error ??= error;
    this.#end();
  }

  /** Throws once the device is gone. */
  check(): void {
    if (this.#error !== null) throw this.#error;
  }

  /** What `work` comes to, or nothing once the device is gone: not every promise of a lost device settles. */
  async orGone<T>(work: Promise<T>): Promise<T | void> {
    work.catch(() => {});
    return Promise.race([work, this.#gone]);
  }

  /** What `error` comes from: browsers tell of a loss a little after what fails by it. */
  async causeOf(error: unknown): Promise<Error> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, tellingMilliseconds)));
    await Promise.race([this.#gone, late]);
    clearTimeout(timer);
    return this.#error ?? (error as Error);
  }
}
