import type { PasswordVerifier } from 'latchkey'
import type { OpenEngine } from './engines/engine.ts'

/** What the reference app finds in the runtime that it runs in. */
export interface Surroundings {
  readonly passwords: Required<PasswordVerifier>
  /** Makes the hash of `legacy`, at a lower cost. */
  readonly cheap: Required<PasswordVerifier>
  /** The same two with one salt for every password: they make the user table. Default: those two. */
  readonly seeding?: Pick<Surroundings, 'passwords' | 'cheap'>
  /** What sessions can be kept in. */
  readonly engines: Readonly<Record<string, OpenEngine>>
}
