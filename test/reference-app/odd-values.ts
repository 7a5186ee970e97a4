/** Values that a session could lose or change without a word. */
export const ODD_VALUES: Record<string, () => unknown> = {
  undefined: () => undefined,
  nan: () => Number.NaN,
  infinity: () => Number.POSITIVE_INFINITY,
  'minus-zero': () => -0,
  bigint: () => 12345678901234567890n,
  date: () => new Date(0),
  map: () => new Map([['a', 1]]),
  set: () => new Set([1]),
  regexp: () => /a/g,
  function: () => () => 1,
  symbol: () => Symbol('s'),
  cyclic: () => {
    const value: Record<string, unknown> = {}
    value.self = value
    return value
  },
  deep: () => {
    let value: unknown[] = []
    for (let i = 0; i < 20_000; i++) value = [value]
    return value
  },
  'lone-surrogate': () => 'a\ud800b',
  class: () =>
    new (class Point {
      x = 1
    })(),
}
