// A place in a JSON text, and what can be read there: RFC 8259 to the letter. It exists because `JSON.parse` keeps the last
// of two equal keys without a word, rounds large integers, and builds everything before a caller can look at any of it.

/** Throws the error for what is wrong with a text. `rule` says what must be there, `actual` what is. */
export type JsonRefusal = (rule: string, actual: string) => never;

const quotation = 0x22;
const backslash = 0x5c;
const longestNumber = 64;

/** Reads a text from front to back. */
export class JsonCursor {
  readonly text: string;
  readonly #refuse: JsonRefusal;
  #at = 0;

  constructor(text: string, refuse: JsonRefusal) {
    this.text = text;
    this.#refuse = refuse;
  }

  /** The next character after white space, which is not consumed; "" at the end. */
  peek(): string {
    for (;;) {
      const code = this.text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
      this.#at += 1;
    }
    return this.text.charAt(this.#at);
  }

  /** Consumes `character` if it is next. */
  take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  /** Consumes `character`, which must be next. */
  expect(character: string): void {
    if (!this.take(character)) this.refuse(`JSON must have "${character}" here`);
  }

  /** Consumes a word: true, false, null. */
  word(word: string): void {
    this.peek();
    if (!this.text.startsWith(word, this.#at)) this.refuse("JSON must have a value here");
    this.#at += word.length;
  }

  /** A string, without lone surrogates. */
  string(): string {
    this.expect('"');
    const start = this.#at;
    let escaped = false;
    for (;;) {
      const code = this.text.charCodeAt(this.#at);
      if (code === quotation) break;
      if (Number.isNaN(code)) this.refuse("a JSON string must end");
      if (code < 0x20) this.refuse("a JSON string must have no control characters");
      if (code === backslash) {
        escaped = true;
        this.#at += 1; // what is escaped may be a quotation mark
      }
      this.#at += 1;
    }
    const raw = this.text.slice(start, this.#at);
    this.#at += 1;
    const string = escaped ? this.#unescape(raw) : raw;
    if (!string.isWellFormed()) this.refuse("a JSON string must have no lone surrogates");
    return string;
  }

  /** A finite number. */
  number(): number {
    const token = this.#numberToken();
    const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(token) ? Number(token) : Number.NaN;
    if (!Number.isFinite(number))
      this.#refuse("JSON must have a finite number here", token === "" ? this.#here() : token);
    return number;
  }

  /** An integer from 0 to 2⁵³ - 1 in plain digits, for `what`; `refuse` throws for another number. */
  count(what: string, refuse: JsonRefusal = this.#refuse): number {
    const token = this.#numberToken();
    const number = /^(?:0|[1-9]\d*)$/.test(token) ? Number(token) : Number.NaN;
    if (Number.isSafeInteger(number)) return number;
    return refuse(`${what} must be integers from 0 to 2^53 - 1`, token === "" ? this.#here() : token);
  }

  /** Refuses anything but white space up to the end. */
  end(): void {
    if (this.peek() !== "") this.refuse("nothing must follow the JSON value");
  }

  /** Refuses what is here. */
  refuse(rule: string): never {
    this.#refuse(rule, this.#here());
  }

  #numberToken(): string {
    this.peek();
    const start = this.#at;
    while (isPartOfNumber(this.text.charCodeAt(this.#at))) {
      this.#at += 1;
      if (this.#at - start > longestNumber) {
        this.#refuse(`a JSON number must have at most ${longestNumber} characters`, this.text.slice(start, this.#at));
      }
    }
    return this.text.slice(start, this.#at);
  }

  #unescape(raw: string): string {
    try {
      return JSON.parse(`"${raw}"`) as string;
    } catch {
      return this.#refuse("a JSON string must have only the escapes of JSON", raw);
    }
  }

  #here(): string {
    const rest = this.text.slice(this.#at, this.#at + 20);
    return rest === "" ? "the end of the text" : `${rest} at character ${this.#at}`;
  }
}

/** Digits, signs, the point, and e in both cases. */
function isPartOfNumber(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e || code === 0x2b || (code | 0x20) === 0x65;
}
