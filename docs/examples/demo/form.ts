import type { Context } from 'hono'

/** The text fields of a form. A file in place of a text counts as missing, and so does what cannot be read. */
export async function fieldsOf(c: Context): Promise<Record<string, string | undefined>> {
  const entries = Object.entries(await c.req.parseBody().catch(() => ({})))
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
