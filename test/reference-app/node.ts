import * as nodeRs from '@node-rs/argon2'
import { argon2id, nodeRsArgon2 } from 'latchkey/password'
import { ENGINES } from './engines/index.ts'
import type { Surroundings } from './surroundings.ts'

const derive = nodeRsArgon2(nodeRs)

export const NODE: Surroundings = {
  passwords: argon2id({ derive }),
  cheap: argon2id({ memoryKiB: 7168, passes: 5, derive }),
  engines: ENGINES,
}
