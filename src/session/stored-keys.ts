/**
 * A session key as a store spells it: ASCII letters, digits and `_` stay, every other byte of its UTF-8 form is
 * percent-encoded. Every engine takes such a key in the same way, as text, as a JSON path and behind JSON's escapes:
 * MariaDB rejects a path whose key begins with `-`, even in quotes; databases differ about quotes, `*` and characters
 * that look alike; and V8's `JSON.parse` (Node 24 and 26, workerd) reads the key `a"` as `a\` once it has seen `a\`
 * (https://github.com/nodejs/node/issues/63785).
 */
export function toStoredKey(key: string): string {
  if (!/\W/.test(key)) return key
  return encodeURIComponent(key).replace(
    /[-.!~*'()]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** The session key that is stored under this key. One that {@link toStoredKey} does not make is returned as it is. */
export function fromStoredKey(key: string): string {
  if (!key.includes('%')) return key
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

/** Session data under their stored keys. Possibly the same object. */
export function toStoredKeys(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return underKeys(data, toStoredKey)
}

/**
 * The session data that are stored in this form. Possibly the same object, and so for anything but an object. A
 * malformed key stays as it is.
 */
export function fromStoredKeys(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return underKeys(data, fromStoredKey)
}

function underKeys(
  data: Readonly<Record<string, unknown>>,
  spelling: (key: string) => string,
): Readonly<Record<string, unknown>> {
  for (const key in data) {
    if (spelling(key) !== key)
      return Object.fromEntries(Object.entries(data).map(([name, value]) => [spelling(name), value]))
  }
  return data
}
