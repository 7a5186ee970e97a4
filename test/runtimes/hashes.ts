import {
  argon2id,
  aspnetPasswords,
  betterAuthPasswords,
  firebasePasswords,
  type LegacyVerifier,
  pbkdf2,
  scrypt,
  shaCrypt,
  werkzeugPasswords,
  wordpressPasswords,
} from 'latchkey/password'

/** How often something that a runtime has built in was asked to derive. */
const native: Record<string, number> = {}

// Before any verifier is made: each looks for what its runtime has.
const nodeCrypto = globalThis.process?.getBuiltinModule?.('node:crypto') as
  | Record<string, unknown>
  | undefined
count(nodeCrypto, 'argon2')
count(nodeCrypto, 'scrypt')
count(crypto.subtle as unknown as Record<string, unknown>, 'deriveBits')

function count(owner: Record<string, unknown> | undefined, name: string): void {
  const inner = owner?.[name]
  if (!owner || typeof inner !== 'function') return
  owner[name] = (...args: unknown[]) => {
    native[name] = (native[name] ?? 0) + 1
    return inner.apply(owner, args)
  }
}

/** Each KDF as it comes, but for scrypt, which fits into a Worker so. */
const VERIFIERS: Record<string, Required<ReturnType<typeof scrypt>>> = {
  argon2id: argon2id(),
  scrypt: scrypt({ N: 2 ** 14, p: 5 }),
  'pbkdf2-sha256': pbkdf2({ iterations: 100_000 }),
}

/** Hashes of other systems, of `pässwörd✓`; where they come from says `test/src/password/predecessors.test.ts`. */
const PREDECESSORS: readonly (readonly [verifier: LegacyVerifier, hashed: string])[] = [
  [aspnetPasswords(), 'AQAAAAEAACcQAAAAEEnxjuy55IcvIZbXvBdKuiGFIjy0vk4O8dYY29ZiJ/OBqtoymS8prt/i/ODp3pf71Q=='],
  [
    betterAuthPasswords({ N: 1024, r: 4, p: 2 }),
    'e77df27507be17535a72066823e6bddc:ab94cbbf1cf5508a9fc25063aff1207a2be568e304e482905d53cbd360821b534e17af7974a21ae727775427168740d0d62fb7e577dc3dfbdde8b414785a5bdd',
  ],
  [
    firebasePasswords({
      signerKey: 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
    }),
    '$firebase$42xEC+ixf3L2lw==$ji4q6ktuO1b8aeN4uB8QoXPyO9H4EcOqIDOBCWMfzSwkJbv/C72swX0JPdQpxNtkKWZwOqokyQ7ZnT1qdNbDKQ==',
  ],
  [
    shaCrypt(),
    '$6$rounds=1000$hTPumTBp9nnJ9idP$WUBmkvjVkSfgUNsgLLUtBVWAwpAcnTo5R6ODNj8OGBO6RNmzUMEFZZVUVfbsHNhNbqROZE1MT5Be2864fHJ46.',
  ],
  [
    werkzeugPasswords(),
    'pbkdf2:sha512:1000$cw53NaPFbVKQf4tG$f845a3c6ac080697d65b62cb902f54e8ac83a3fca4ca5495218ac351d9eed7f9a1ef077e0c0d02a8b0a361ddb815592addffdc7982deb7fcd8da51ca0a471fc1',
  ],
  [wordpressPasswords(), '$P$5tBCnVJE3i16ZAYYO1g9S2HxvdFCs//'],
]

export interface Made {
  readonly hashes: readonly string[]
  /** What was derived in native code. */
  readonly native: readonly string[]
}

/** One hash of the password by each KDF, each of which refuses another password. The hashes of other systems are read too. */
export async function make(password: string): Promise<Made> {
  const hashes: string[] = []
  for (const verifier of Object.values(VERIFIERS)) {
    const hashed = await verifier.hash(password)
    if (await verifier.verify(`${password}!`, hashed)) throw new Error(`${hashed} fits any password`)
    hashes.push(hashed)
  }
  for (const [verifier, hashed] of PREDECESSORS)
    if (!(await verifier.verify('pässwörd✓', hashed))) throw new Error(`${hashed} is refused`)
  return { hashes, native: Object.keys(native).toSorted() }
}

/** Of these hashes, those that are not of this password. */
export async function refused(password: string, hashes: readonly string[]): Promise<string[]> {
  const wrong: string[] = []
  for (const hashed of hashes) {
    if (!(await VERIFIERS[hashed.split('$')[1] ?? '']?.verify(password, hashed))) wrong.push(hashed)
  }
  return wrong
}
