import type { Contestant, Expected, PeerFactory } from "../contestant.ts";
import { relativeError } from "../error.ts";
import type { Threads } from "../shapes.ts";
import { loadPeers } from "./load.ts";

/** Those who take part, those who do not with their reasons, and the errors of those who were checked. */
export interface Entered {
  readonly peers: readonly Contestant[];
  readonly absent: Readonly<Record<string, string>>;
  readonly errors: Readonly<Record<string, number>>;
}

/** A peer need not be as exact as ours is held to be: this many times the tolerance still shows the same function. */
const leniency = 50;

/** Creates each peer, runs it once and checks it: one that fails or computes something else stays out. */
export async function enterPeers(
  factories: readonly PeerFactory[],
  threads: Threads,
  expected: Expected,
  tolerance: number,
): Promise<Entered> {
  const peers: Contestant[] = [];
  const absent: Record<string, string> = {};
  const errors: Record<string, number> = {};
  if (factories.length === 0) return { peers, absent, errors };
  const libraries = await loadPeers(threads);
  for (const { name, create } of factories) {
    try {
      const peer = await create(libraries);
      const error = relativeError(peer, await (peer.check ?? peer.run)(), expected);
      if (error !== undefined) errors[peer.name] = error;
      if (error !== undefined && !(error <= tolerance * leniency)) {
        absent[name] = `computes something else: relative error ${error}`;
        await peer.dispose();
      } else {
        peers.push(peer);
      }
    } catch (error) {
      absent[name] = firstSentence(error);
    }
  }
  return { peers, absent, errors };
}

function firstSentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, " ").trim().slice(0, 200);
}
