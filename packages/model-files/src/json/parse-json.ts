// JSON as configurations need it: no key twice, bounded depth, nothing that could reach a prototype.

import { JsonCursor, type JsonRefusal } from "./cursor.ts";

/** What JSON text can say. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** An object of JSON. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** How deep arrays and objects may stand in each other. */
export const deepestJson = 64;

// Own properties of these names are harmless until someone merges the object into another; no configuration needs them.
const refusedKeys = new Set(["__proto__", "constructor", "prototype"]);

/** The value of a whole text; `refuse` throws for what is wrong with it. */
export function parseJson(text: string, refuse: JsonRefusal): Json {
  const cursor = new JsonCursor(text, refuse);
  const value = parseValue(cursor, refuse, 0);
  cursor.end();
  return value;
}

function parseValue(cursor: JsonCursor, refuse: JsonRefusal, depth: number): Json {
  if (depth > deepestJson) cursor.refuse(`JSON must be at most ${deepestJson} levels deep`);
  switch (cursor.peek()) {
    case "{":
      return parseObject(cursor, refuse, depth);
    case "[":
      return parseArray(cursor, refuse, depth);
    case '"':
      return cursor.string();
    case "t":
      cursor.word("true");
      return true;
    case "f":
      cursor.word("false");
      return false;
    case "n":
      cursor.word("null");
      return null;
    default:
      return cursor.number();
  }
}

function parseObject(cursor: JsonCursor, refuse: JsonRefusal, depth: number): JsonObject {
  const object: Record<string, Json> = {};
  cursor.expect("{");
  if (cursor.take("}")) return object;
  do {
    const key = cursor.string();
    if (refusedKeys.has(key)) refuse("a key must not be __proto__, constructor or prototype", key);
    if (Object.hasOwn(object, key)) refuse("no key of an object may occur twice", key);
    cursor.expect(":");
    object[key] = parseValue(cursor, refuse, depth + 1);
  } while (cursor.take(","));
  cursor.expect("}");
  return object;
}

function parseArray(cursor: JsonCursor, refuse: JsonRefusal, depth: number): Json[] {
  const array: Json[] = [];
  cursor.expect("[");
  if (cursor.take("]")) return array;
  do array.push(parseValue(cursor, refuse, depth + 1));
  while (cursor.take(","));
  cursor.expect("]");
  return array;
}
