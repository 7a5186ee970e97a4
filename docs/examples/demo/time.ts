import { html } from 'hono/html'
import type { Html } from './layout.ts'

const format = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
})

/** In the server's time zone, which is the reader's as long as it runs on his machine. */
export const time = (at: number): Html =>
  html`<time datetime="${new Date(at).toISOString()}">${format.format(at)}</time>`
