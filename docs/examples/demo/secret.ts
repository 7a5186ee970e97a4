import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

/** The secret in `file`, made at the first start: sessions survive a restart. A real app gets it from its host. */
export function keptSecret(file: string): string {
  try {
    // `wx` fails when there is a file already; for the owner's eyes only.
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(file, 'utf8').trim()
}
