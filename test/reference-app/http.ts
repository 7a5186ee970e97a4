import { wantsJson } from 'latchkey/adapter'

export { wantsJson }

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  })
}

export function page(title: string, body: string, status = 200): Response {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title>${body}</html>\n`
  return new Response(html, {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  })
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A relative redirect, which may be changed; `Response.redirect` makes ones that may not. */
export function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location } })
}

/** 200 or 4xx as JSON, with the code; for browsers the same as a page. */
export function refused(request: Request, status: number, code: string, extra: object = {}): Response {
  return wantsJson(request)
    ? json({ ok: false, code, ...extra }, status)
    : page(code, `<h1>${escapeHtml(code)}</h1>`, status)
}

/** The fields of a form or a JSON body; `null` when it is neither. */
export async function fieldsOf(request: Request): Promise<Record<string, unknown> | null> {
  const type = request.headers.get('content-type') ?? ''
  try {
    if (/^application\/json\b/i.test(type)) {
      const value: unknown = await request.json()
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
    }
    if (/^multipart\/form-data\b/i.test(type)) return fromEntries(await request.formData())
    return fromEntries(new URLSearchParams(await request.text()))
  } catch {
    return null
  }
}

/** Whether a body, if there is one, may be a form or JSON: one of plain text or without a type is neither. */
export async function isForm(request: Request): Promise<boolean> {
  const type = request.headers.get('content-type') ?? ''
  if (request.body === null || !/^\s*(text\/plain\b|$)/i.test(type)) return true
  return (await request.clone().text()) === ''
}

/** Of two fields with one name the first. */
function fromEntries(entries: Iterable<[string, unknown]>): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, value] of entries) if (!Object.hasOwn(fields, name)) fields[name] = value
  return fields
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.min(milliseconds, 10_000)))
