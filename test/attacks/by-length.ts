import { expect } from 'vitest'

const SHORT = 1_000
const LONG = 16_000
/** Sixteen times the length takes 16 times as long, and 256 times where the work is a square. */
const MOST = 64
/** What is shorter cannot be measured and counts as this, in ms. */
const LEAST_MS = 0.05
const ROUNDS = 40

/**
 * Fails if `work` grows faster than the length of its input. Compares the least times of a short and a long input: a
 * pause of the machine makes a measurement longer, never shorter, so that more rounds get closer to the work itself.
 */
export async function expectLinear(what: string, work: (length: number) => unknown): Promise<void> {
  let [short, long] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 0; round < ROUNDS; round++) {
    short = Math.min(short, await timeOf(() => work(SHORT)))
    long = Math.min(long, await timeOf(() => work(LONG)))
    if (long <= MOST * Math.max(LEAST_MS, short)) return
    // A square shows at once, and is not worth forty rounds.
    if (round >= 4 && long > 8 * MOST * Math.max(LEAST_MS, short)) break
  }
  expect.fail(`${what}: ${long.toFixed(2)} ms for ${LONG} characters, ${short.toFixed(2)} ms for ${SHORT}`)
}

async function timeOf(work: () => unknown): Promise<number> {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

/** What an attacker repeats in a header, between an `x` and a `y`, since blanks at the ends are trimmed. */
export const PUMPS: readonly string[] = [
  ...[' ', '\t', ' \t', ',', ' ,', ', ', ';', '; ', ' ;', '=', 'a', 'a ', 'a=', 'a,', 'a=b; ', 'a=b;'],
  ...['.', '..', '/', '//', '/.', ':', '[', ']', ']:1', '1', '1.', '::', '%', '%2e', '"', '\\', '-', '*'],
  ...['session=', 'session=x; ', ' session=', '; session= ', '__Host-session=a;', 'old.0=x; '],
  ...['Basic ', 'Bearer ', 'text/html,', 'application/json', 'application/jso,', 'for=1;', 'https://'],
]

/** About `length` characters of it. */
export const pumped = (pump: string, length: number): string =>
  `x${pump.repeat(Math.ceil(length / pump.length))}y`
