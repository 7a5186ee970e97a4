/** A page as a response. `body` is HTML: what comes from outside goes through `escapeHtml` first. */
export function page(title: string, body: string): Response {
  return new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><main>${body}</main></html>`,
    { headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' } },
  )
}

export const loginPage = (search: URLSearchParams): Response =>
  page(
    'Log in',
    `<h1>Log in</h1>
${search.has('error') ? '<p role="alert">That did not work. Try again.</p>' : ''}
<form method="post">
<p><label>E-mail <input name="email" type="email" autocomplete="username" required></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<input type="hidden" name="next" value="${escapeHtml(search.get('next') ?? '')}">
<button>Log in</button></form>`,
  )

export const appPage = (name: string): Response =>
  page(
    'App',
    `<h1>Hello ${escapeHtml(name)}</h1><form method="post" action="/logout"><button>Log out</button></form>`,
  )

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

export const redirect = (location: string): Response =>
  new Response(null, { status: 303, headers: { location } })
