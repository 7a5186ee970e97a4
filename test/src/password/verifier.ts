import type { PasswordVerifier } from 'latchkey/password'
import { describe, expect, test } from 'vitest'

const COMPOSED = 'Stra\u00dfe am Caf\u00e9'
const DECOMPOSED = 'Stra\u00dfe am Cafe\u0301'

/** What holds for every verifier, whatever derives for it. */
export function testVerifier(name: string, verifier: Required<PasswordVerifier>, format: RegExp): void {
  describe(name, () => {
    test('makes a PHC string that verifies the password and no other', async () => {
      const hashed = await verifier.hash('correct horse')
      expect(hashed).toMatch(format)
      expect(await verifier.verify('correct horse', hashed)).toBe(true)
      expect(await verifier.verify('correct horse ', hashed)).toBe(false)
      expect(await verifier.verify('', hashed)).toBe(false)
      expect(verifier.needsRehash(hashed)).toBe(false)
    })

    test('hashes what looks the same to one hash, and finds it in either form', async () => {
      for (const chosen of [COMPOSED, DECOMPOSED]) {
        const hashed = await verifier.hash(chosen)
        for (const typed of [COMPOSED, DECOMPOSED]) expect(await verifier.verify(typed, hashed)).toBe(true)
        expect(await verifier.verifyAsTyped(DECOMPOSED, hashed)).toBe(false)
      }
    })

    test('has a dummy that it would work on, and that no password fits', async () => {
      expect(verifier.canVerify(verifier.dummyHash)).toBe(true)
      expect(verifier.dummyHash).toMatch(format)
      expect(await verifier.verify('', verifier.dummyHash)).toBe(false)
    })

    test('refuses to hash what could never be verified', async () => {
      for (const text of ['', 'a\0', 'x'.repeat(4097), '\ufb2c'.repeat(1000), '\ud800', 42 as never])
        await expect(verifier.hash(text)).rejects.toMatchObject({ code: 'password_refused', status: 400 })
    })
  })
}
