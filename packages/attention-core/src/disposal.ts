// The two well-known symbols of explicit resource management. Safari has neither yet, so a method keyed by the
// global symbol would be keyed by `undefined`; these names stand for the symbol whether or not the engine has it.

/** `Symbol.dispose`, or the registered stand-in that TypeScript's emitted helpers look for once it is installed. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for("Symbol.dispose") as typeof Symbol.dispose);

/** `Symbol.asyncDispose`, or its stand-in. */
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? (Symbol.for("Symbol.asyncDispose") as typeof Symbol.asyncDispose);
