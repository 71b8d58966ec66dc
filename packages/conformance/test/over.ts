/** Puts `changes` over an object with private fields, whose methods therefore stay bound to it. */
export function over<T extends object>(object: T, changes: Partial<T>): T {
  return new Proxy(object, {
    get(target, key) {
      const value: unknown = key in changes ? changes[key as keyof T] : Reflect.get(target, key);
      return typeof value === "function" ? (value as () => unknown).bind(target) : value;
    },
  });
}
