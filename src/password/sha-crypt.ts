import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { asyncLoop } from '@noble/hashes/utils.js'
import { utf8 } from '../crypto/utf8.ts'
import { crypt64 } from './crypt64.ts'
import { type LegacyVerifier, legacyVerifier } from './legacy-verifier.ts'
import { wholeNumber } from './phc.ts'

type Digest = typeof sha256 | typeof sha512

const HASH =
  /^\$([56])\$(?:rounds=(\d{1,10})\$)?([./0-9A-Za-z]{1,16})\$([./0-9A-Za-z]{43}|[./0-9A-Za-z]{86})$/
const MIN_ROUNDS = 1000
/** passlib makes 535,000 and 656,000. */
const MAX_ROUNDS = 1_000_000
/** Rounds times blocks of the digest, as a long password would need more of in each round. */
const MAX_BLOCKS = 2 ** 23

/**
 * SHA-crypt, as in `/etc/shadow` and passlib's sha256_crypt and sha512_crypt: `$5$…`, `$6$rounds=656000$salt$hash`
 * (Drepper, "Unix crypt using SHA-256 and SHA-512"). In JavaScript, in steps: some seconds for what passlib makes.
 */
export function shaCrypt(): LegacyVerifier {
  return legacyVerifier((hashed) => {
    const [, id, text = '5000', salt = '', hash = ''] = HASH.exec(hashed) ?? []
    const rounds = wholeNumber(text)
    const digest = id === '5' ? sha256 : sha512
    if (!(rounds >= MIN_ROUNDS && rounds <= MAX_ROUNDS)) return null
    if (hash.length !== Math.ceil((digest.outputLen * 4) / 3)) return null
    return { hash: utf8(hash), derive: (password) => crypt(digest, password, utf8(salt), rounds) }
  })
}

/** The letters are those of the specification: each digest is a mixture of the one before, password and salt. */
async function crypt(digest: Digest, p: Uint8Array, s: Uint8Array, rounds: number): Promise<Uint8Array> {
  const blocks = Math.ceil((2 * p.length + s.length + digest.outputLen + 17) / digest.blockLen)
  if (rounds * blocks > MAX_BLOCKS) return new Uint8Array()
  const of = (...parts: Uint8Array[]): Uint8Array =>
    parts.reduce((hasher, part) => hasher.update(part), digest.create()).digest()
  const b = of(p, s, p)
  const bits: Uint8Array[] = []
  for (let length = p.length; length > 0; length >>= 1) bits.push(length & 1 ? b : p)
  let a = of(p, s, repeated(b, p.length), ...bits)
  const dp = repeated(of(...Array.from(p, () => p)), p.length)
  const ds = repeated(of(...Array.from({ length: 16 + (a[0] ?? 0) }, () => s)), s.length)
  await asyncLoop(rounds, 10, (round) => {
    const isOdd = round % 2 === 1
    const middle = [...(round % 3 ? [ds] : []), ...(round % 7 ? [dp] : [])]
    a = isOdd ? of(dp, ...middle, a) : of(a, ...middle, dp)
  })
  return utf8(crypt64(shuffled(a)))
}

/** So many bytes of it, from the start again and again. */
function repeated(bytes: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => bytes[at % bytes.length] ?? 0)
}

/**
 * The order in which the specification writes the bytes: from each third one, the thirds in turn. What is left over at
 * the end stays as it is.
 */
function shuffled(bytes: Uint8Array): Uint8Array {
  const third = Math.floor(bytes.length / 3)
  const turn = bytes.length === 64 ? 1 : 2
  const order = Array.from({ length: 3 * third }, (_, at) => {
    const group = Math.floor(at / 3)
    const which = (2 - (at % 3) + turn * group) % 3
    return which * third + group
  })
  return Uint8Array.from({ length: bytes.length }, (_, at) => bytes[order[at] ?? at] ?? 0)
}
