import { html, raw } from 'hono/html'
import type { User } from './users.ts'

export type Html = ReturnType<typeof html>

export interface Shell {
  readonly title: string
  readonly user?: User | null | undefined
  readonly notice?: string | undefined
}

const KEY_PATH =
  'M15.5 2a6.5 6.5 0 0 0-6.2 8.5L2 17.8V22h4.2v-2.4h2.4v-2.4H11l2.5-2.5A6.5 6.5 0 1 0 15.5 2Zm1.6 7a2.1 2.1 0 1 1 0-4.2 2.1 2.1 0 0 1 0 4.2Z'

export const KEY_ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#b07d2b" d="${KEY_PATH}"/></svg>`

/** Every page: one shell, and what is to be told before anything else. */
export function layout({ title, user, notice }: Shell, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Latchkey demo</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header class="bar">
  <a class="brand" href="/"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="${raw(KEY_PATH)}"/></svg>Latchkey</a>
  <nav aria-label="Main">${user ? memberLinks(user) : visitorLinks()}</nav>
</header>
<main>
${notice && html`<p class="message notice" role="status">${notice}</p>`}
${content}
</main>
<footer>A demo of the latchkey library. No script on any page, and your data goes to nobody else.</footer>
</body>
</html>`
}

const visitorLinks = () =>
  html`<a href="/login">Log in</a> <a class="button small" href="/signup">Sign up</a>`

const memberLinks = ({ displayName }: User) =>
  html`<a class="who" href="/members">${displayName}</a> ${logoutForm('button quiet small')}`

/** A form, not a link: a link would log out whoever hovers over it with a prefetching browser. */
export const logoutForm = (style: string) =>
  html`<form method="post" action="/logout"><button class="${style}">Log out</button></form>`
