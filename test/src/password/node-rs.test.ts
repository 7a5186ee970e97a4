import * as nodeRs from '@node-rs/argon2'
import { argon2id, nodeRsArgon2 } from 'latchkey/password'
import { describe, expect, test } from 'vitest'
import { byNoble } from '../../../src/password/argon2id.ts'
import { testVerifier } from './verifier.ts'

const native = argon2id({ derive: nodeRsArgon2(nodeRs) })
const noble = argon2id({ derive: byNoble })

testVerifier(
  'argon2id by @node-rs/argon2',
  native,
  /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/,
)

describe('argon2id by @node-rs/argon2', () => {
  test('gives what the reference implementation gives', async () => {
    const [password, salt] = ['password', 'somesalt'].map((text) => new TextEncoder().encode(text))
    const cost = { memoryKiB: 65_536, passes: 2, lanes: 1 }
    const derived = await nodeRsArgon2(nodeRs)(password as Bytes, salt as Bytes, cost, 32)
    expect(Buffer.from(derived).toString('hex')).toBe(
      '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7',
    )
  })

  test('verifies what noble made, and the other way round; its own strings are ours', async () => {
    expect(await native.verify('pass', await noble.hash('pass'))).toBe(true)
    expect(await noble.verify('pass', await native.hash('pass'))).toBe(true)
    expect(await nodeRs.verify(await noble.hash('pass'), 'pass')).toBe(true)
    const hashed = await nodeRs.hash('pass', { memoryCost: 8192, timeCost: 3 })
    expect(await native.verify('pass', hashed)).toBe(true)
  })
})

type Bytes = Uint8Array<ArrayBuffer>
