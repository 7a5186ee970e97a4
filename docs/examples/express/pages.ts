import type { Response } from 'express'

/** Sends a page. `body` is HTML: what comes from outside goes through `escapeHtml` first. */
export function page(res: Response, title: string, body: string): void {
  res
    .set('cache-control', 'no-store')
    .send(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><main>${body}</main></html>`)
}

export const loginPage = (res: Response, search: URLSearchParams): void =>
  page(
    res,
    'Log in',
    `<h1>Log in</h1>
${search.has('error') ? '<p role="alert">That did not work. Try again.</p>' : ''}
<form method="post">
<p><label>E-mail <input name="email" type="email" autocomplete="username" required></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<input type="hidden" name="next" value="${escapeHtml(search.get('next') ?? '')}">
<button>Log in</button></form>`,
  )

export const appPage = (res: Response, name: string): void =>
  page(
    res,
    'App',
    `<h1>Hello ${escapeHtml(name)}</h1><form method="post" action="/logout"><button>Log out</button></form>`,
  )

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
