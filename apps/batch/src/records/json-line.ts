// JSON that a terminal can show: what JSON leaves as it is and a terminal may obey is written as escapes.

// Delete and the second set of control characters, ends of lines, and marks that turn the direction of writing.
const steering = /[\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** `value` as one line of JSON without its end. The same value for whoever parses it as from `JSON.stringify`. */
export function jsonLine(value: object): string {
  // Such characters can only stand in strings.
  return JSON.stringify(value).replace(steering, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
