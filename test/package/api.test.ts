import { expect, test } from 'vitest'
import { entryFiles } from '../../tsup.config.ts'
import { apiOf, undocumented } from './api-report.ts'

// Accept an intended change with `npm test -- test/package/api.test.ts -u`. The diff shows it.
test.each(Object.entries(entryFiles))('the public types of %s', async (name, file) => {
  await expect(apiOf(file)).toMatchFileSnapshot(`api/${name}.txt`)
})

test('the report has members of what is exported, and of what that is made of', () => {
  const api = apiOf('adapters/hono/index.ts')
  expect(api).toContain('address?: (c: Context) => string | undefined')
  expect(api).toContain('type Middleware = MiddlewareHandler')
})

test.each(Object.entries(entryFiles))('every export and option of %s has a doc comment', (_, file) => {
  expect(undocumented(file)).toEqual([])
})
