import type { PasswordVerifier } from 'latchkey/password'
import { describe, expect, test } from 'vitest'

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

    test('has a dummy that it would work on, and that no password fits', async () => {
      expect(verifier.canVerify(verifier.dummyHash)).toBe(true)
      expect(verifier.dummyHash).toMatch(format)
      expect(await verifier.verify('', verifier.dummyHash)).toBe(false)
    })

    test('refuses to hash what could never be verified', async () => {
      for (const text of ['a\0', 'x'.repeat(4097), '\ud800'])
        await expect(verifier.hash(text)).rejects.toThrow(TypeError)
    })
  })
}
