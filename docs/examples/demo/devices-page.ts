import { html } from 'hono/html'
import type { DeviceSession } from 'latchkey'
import { type Html, layout, logoutForm } from './layout.ts'
import { time } from './time.ts'
import type { User } from './users.ts'

interface Devices {
  readonly user: User
  readonly sessions: readonly DeviceSession[]
  readonly notice?: string | undefined
}

export function devicesPage({ user, sessions, notice }: Devices): Html {
  // By when they were last used, but for this one, which is in use.
  const inOrder = sessions.toSorted((a, b) => Number(b.current) - Number(a.current))
  return layout(
    { title: 'Where you are logged in', user, notice },
    html`<div class="desk wide">
<section class="card">
<h1>Where you are logged in</h1>
${sessions.length > 1 ? advice : html`<p>On this device, and on no other.</p>`}
<ul class="devices">${inOrder.map(device)}</ul>
<div class="actions">${sessions.length > 1 && endOthers}<a class="button quiet" href="/members">To the members’ page</a></div>
</section>
</div>`,
  )
}

const advice = html`<p>Is there one that you do not know? Log it out, and <a href="/password">change your password</a>.</p>`

const endOthers = html`<form method="post" action="/devices/end-others"><button class="button">Log out everywhere else</button></form> `

const device = ({ handle, current, createdAt, lastSeenAt, userAgent }: DeviceSession): Html => html`<li>
  <div class="device">
    <p id="device-${handle}">${current && html`<span class="tag here">This device</span> `}${userAgent ?? 'A browser without a name'}</p>
    <p class="hint">Logged in since ${time(createdAt)}.<br>Last seen ${current ? 'now' : time(lastSeenAt)}.</p>
  </div>
  ${current ? logoutForm('button quiet small') : endForm(handle)}
</li>`

/** All buttons look alike; the description tells a screen reader whose this one is. */
const endForm = (handle: string): Html => html`<form method="post" action="/devices/end">
    <input type="hidden" name="handle" value="${handle}">
    <button class="button quiet small" aria-describedby="device-${handle}">Log it out</button>
  </form>`
