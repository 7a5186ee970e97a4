import * as nodeRs from '@node-rs/argon2'
import { argon2id, nodeRsArgon2 } from 'latchkey/password'
import { ENGINES } from './engines/index.ts'
import { fixedSalt } from './fixed-salt.ts'
import type { Surroundings } from './surroundings.ts'

const derive = nodeRsArgon2(nodeRs)

const verifiers = (by: typeof derive) => ({
  passwords: argon2id({ derive: by }),
  cheap: argon2id({ memoryKiB: 7168, passes: 5, derive: by }),
})

export const NODE: Surroundings = {
  ...verifiers(derive),
  seeding: verifiers(fixedSalt(derive)),
  engines: ENGINES,
}
