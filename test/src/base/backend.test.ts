import { describe, expect, test } from 'vitest'
import { withTimeLimit } from '../../../src/base/backend.ts'
import { LatchkeyError } from '../../../src/base/errors.ts'

interface Table {
  find(id: string): unknown
  add?(id: string, name: string): unknown
}

const limited = (table: Table, seconds = 1) => withTimeLimit('user provider', seconds, table, ['find', 'add'])
const failure = { code: 'backend_failed', message: expect.stringContaining('user provider') }

describe('a backend with a time limit on each call', () => {
  test('answers as it did: at once where it answered at once', () => {
    expect(limited({ find: (id) => `row of ${id}` }).find('ada')).toBe('row of ada')
    for (const answer of [null, undefined, 0, '', { rows: [] }])
      expect(limited({ find: () => answer }).find('ada')).toBe(answer)
  })

  test('answers later where it answered later', async () => {
    const answer = limited({ find: async (id) => `row of ${id}` }).find('ada')
    expect(answer).toBeInstanceOf(Promise)
    expect(await answer).toBe('row of ada')
  })

  test('takes a promise of another library for one, and gives one of ours', async () => {
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library is what is tried
    const answer = limited({ find: () => ({ then: (done: (row: string) => void) => done('row') }) }).find(
      'ada',
    )
    expect(answer).toBeInstanceOf(Promise)
    expect(await answer).toBe('row')
  })

  test('keeps what it is a method of, and hands over every argument', () => {
    const table = {
      rows: new Map<string, string>(),
      find(id: string) {
        return this.rows.get(id)
      },
      add(id: string, name: string) {
        this.rows.set(id, name)
      },
    }
    const backend = limited(table)
    backend.add?.('ada', 'Ada')
    expect(backend.find('ada')).toBe('Ada')
  })

  test('lacks what it lacks', () => {
    expect('add' in limited({ find: () => null })).toBe(false)
  })

  test.each<[sentence: string, find: Table['find']]>([
    [
      'throws',
      () => {
        throw new Error('postgres://app:s3cret@db')
      },
    ],
    ['rejects', async () => Promise.reject(new Error('postgres://app:s3cret@db'))],
  ])('fails by name, and without the backend’s own text, if it %s', async (_, find) => {
    const error = await Promise.resolve()
      .then(() => limited({ find }).find('ada'))
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject(failure)
    expect((error as Error).message).not.toContain('s3cret')
    expect((error as Error).cause).toBeInstanceOf(Error)
  })

  test('fails if it does not answer in time', async () => {
    await expect(limited({ find: () => new Promise(() => {}) }, 0.01).find('ada')).rejects.toMatchObject(
      failure,
    )
  })

  test('hands on an error that has a name already', () => {
    const own = new LatchkeyError('misuse', 'of its own')
    const find = () => {
      throw own
    }
    expect(() => limited({ find }).find('ada')).toThrow(own)
  })
})
