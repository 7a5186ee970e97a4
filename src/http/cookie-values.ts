/** A browser sends only a few cookies with one name. A longer list is an attack on our time. */
const MAX_VALUES = 8

/**
 * Returns all values of the cookies called `name` in a `Cookie` header, in order and undecoded (RFC 6265,
 * section 5.4). Never throws, whatever the header contains.
 *
 * Two cookies with one name are ordinary (two paths, or a sibling domain that set one). Taking only the first
 * would let a stale or planted one hide ours.
 */
export function cookieValues(header: string | null, name: string): string[] {
  const values: string[] = []
  if (header === null) return values
  const prefix = `${name}=`
  for (
    let at = header.indexOf(prefix);
    at >= 0 && values.length < MAX_VALUES;
    at = header.indexOf(prefix, at)
  ) {
    const begins = startsPair(header, at)
    at += prefix.length
    if (!begins) continue
    const end = header.indexOf(';', at)
    const value = (end < 0 ? header.slice(at) : header.slice(at, end)).trim()
    if (value !== '') values.push(value)
  }
  return values
}

/** Whether a cookie pair begins at `at`: only spaces and tabs stand between it and the last semicolon. */
function startsPair(header: string, at: number): boolean {
  let i = at - 1
  while (i >= 0 && (header[i] === ' ' || header[i] === '\t')) i--
  return i < 0 || header[i] === ';'
}
