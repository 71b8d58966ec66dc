// A message port as comlink wants it, and as comlink lacks it: a call whose message cannot be sent, or that is pending
// when the other side is gone, is answered with an error, so that nothing waits for ever and nothing stays in a table.

import type { Endpoint } from "comlink";
import { isNote, type Note } from "./messages.ts";

/** One side of a pipeline's port. */
export interface PortEndpoint {
  /** For `wrap` and `expose` of comlink. */
  readonly endpoint: Endpoint;
  /** How many calls wait for an answer. */
  readonly pending: number;
  send(note: Note): void;
  /** Answers what is pending, and everything that is called later, with `error`; closes the port. */
  close(error: Error): void;
}

/** What an endpoint does with what comlink does not know. */
export interface EndpointHandlers {
  readonly onNote: (note: Note) => void;
  /** The other side sent something that cannot be read here. */
  readonly onUnreadable: () => void;
  /** What becomes of a message that cannot be cloned: another answer in its place, or an error for who called. */
  readonly onUnsendable: (cause: unknown) => { readonly answer: unknown } | { readonly error: Error };
}

interface ComlinkMessage {
  readonly id?: string;
  readonly type?: string;
}

/** Wraps `port`. */
export function portEndpoint(port: MessagePort, handlers: EndpointHandlers): PortEndpoint {
  const listeners = new Set<(event: MessageEvent) => void>();
  const pending = new Set<string>();
  let closed: Error | null = null;

  const deliver = (data: unknown): void => {
    for (const listener of listeners) listener({ data, origin: "" } as MessageEvent);
  };
  const settle = (id: string, message: object): void => {
    if (pending.delete(id)) deliver({ id, ...message });
  };
  const reject = (id: string, error: Error): void =>
    settle(id, { type: "HANDLER", name: "throw", value: { isError: false, value: error } });

  const post = (message: ComlinkMessage, transfer: Transferable[] = []): void => {
    const { id, type } = message;
    // A call has a type of its own; an answer has that of its value, and nobody waits for it here.
    const isCall = id !== undefined && type !== "RAW" && type !== "HANDLER";
    if (isCall) pending.add(id);
    // Comlink's garbage collection would end the other side: here a pipeline ends when it is disposed.
    if (isCall && type === "RELEASE") return settle(id, { type: "RAW", value: undefined });
    if (closed !== null) return isCall ? reject(id, closed) : undefined;
    try {
      port.postMessage(message, transfer);
    } catch (cause) {
      const instead = handlers.onUnsendable(cause);
      if ("answer" in instead) port.postMessage({ id, type: "RAW", value: instead.answer });
      else if (id !== undefined) reject(id, instead.error);
    }
  };

  port.onmessage = ({ data }: MessageEvent<ComlinkMessage>) => {
    if (closed !== null) return;
    if (isNote(data)) handlers.onNote(data);
    else {
      if (typeof data.id === "string") pending.delete(data.id);
      deliver(data);
    }
  };
  port.onmessageerror = () => handlers.onUnreadable();

  const endpoint: Endpoint = {
    postMessage: post,
    addEventListener: (_type, listener) => listeners.add(listener as (event: MessageEvent) => void),
    removeEventListener: (_type, listener) => listeners.delete(listener as (event: MessageEvent) => void),
  };
  return {
    endpoint,
    get pending() {
      return pending.size;
    },
    send(note) {
      if (closed === null) port.postMessage(note);
    },
    close(error) {
      if (closed !== null) return;
      closed = error;
      port.onmessage = null;
      port.onmessageerror = null;
      port.close();
      for (const id of pending) reject(id, error);
    },
  };
}
