import { argon2id, pbkdf2, scrypt } from 'latchkey/password'

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

export interface Made {
  readonly hashes: readonly string[]
  /** What was derived in native code. */
  readonly native: readonly string[]
}

/** One hash of the password by each KDF, each of which refuses another password. */
export async function make(password: string): Promise<Made> {
  const hashes: string[] = []
  for (const verifier of Object.values(VERIFIERS)) {
    const hashed = await verifier.hash(password)
    if (await verifier.verify(`${password}!`, hashed)) throw new Error(`${hashed} fits any password`)
    hashes.push(hashed)
  }
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
