// Random numbers that are the same for a seed on every machine: integer steps alone, no call of `Math` whose last
// bit an engine may choose. The generator is xoshiro128++ (Blackman and Vigna 2021, "Scrambled linear pseudorandom
// number generators"), its state filled by SplitMix64 (Steele, Lea and Flood 2014) as its authors recommend.

/** A stream of random numbers. */
export interface RandomStream {
  /** The next 32 bits, as an integer 0 .. 2³² - 1. */
  bits(): number;
  /** A number in [0, 1), one of 2³² evenly spaced ones. */
  uniform(): number;
  /** The four words that `randomStream` takes to continue from here. */
  state(): Uint32Array;
}

/**
 * A stream for a seed, a safe integer; or the continuation of a stream from its `state()`. A `name` gives a seed
 * further streams of their own, so that what is drawn for one purpose does not move what is drawn for another. Throws
 * `RangeError` for another number, or for a state that is not four words with a bit set.
 *
 * @example
 * const random = randomStream(1);
 * const first = random.uniform();
 * const rest = randomStream(random.state());
 */
export function randomStream(seed: number | Uint32Array, name = ""): RandomStream {
  let [a, b, c, d] = typeof seed === "number" ? stateOf(seed, name) : checkedState(seed);
  const bits = (): number => {
    const result = (rotateLeft((a + d) | 0, 7) + a) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
  return {
    bits,
    uniform: () => bits() / 4294967296,
    state: () => Uint32Array.of(a, b, c, d),
  };
}

type State = [number, number, number, number];

function stateOf(seed: number, name: string): State {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`Cannot make a random stream: the seed must be a safe integer, it is ${seed}`);
  }
  let counter = BigInt.asUintN(64, BigInt(seed) ^ (BigInt(hashOf(name)) << 32n));
  const words: number[] = [];
  for (let i = 0; i < 2; i += 1) {
    counter = BigInt.asUintN(64, counter + 0x9e3779b97f4a7c15n);
    let mixed = BigInt.asUintN(64, (counter ^ (counter >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    mixed ^= mixed >> 31n;
    words.push(Number(mixed & 0xffffffffn), Number(mixed >> 32n));
  }
  return words as State;
}

/** FNV-1a over the UTF-16 units of `name`; 0 for none. */
function hashOf(name: string): number {
  if (name === "") return 0;
  let hash = 2166136261;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619);
  return hash >>> 0;
}

function checkedState(state: Uint32Array): State {
  if (state.length !== 4 || state.every((word) => word === 0)) {
    throw new RangeError(
      `Cannot continue a random stream: its state must be four words, not all zero, it is [${state.join(", ")}]`,
    );
  }
  return [...state] as State;
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
