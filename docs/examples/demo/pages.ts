import { html } from 'hono/html'
import type { AuthenticatedToken } from 'latchkey'
import { ACCOUNTS } from './accounts.ts'
import { door } from './door.ts'
import { emailField, field, newPasswordField, type Problem, problemMessage } from './fields.ts'
import { type Html, layout, logoutForm, type Shell } from './layout.ts'
import { time } from './time.ts'
import type { User } from './users.ts'

interface Told {
  readonly notice?: string | undefined
}

interface Form {
  readonly problem?: Problem | undefined
}

/** The title is what a screen reader reads first. */
const titled = (title: string, problem: Problem | undefined): string => (problem ? `Error: ${title}` : title)

export function landingPage({ user, notice }: Told & { user: User | null }): Html {
  const state = user
    ? html`<p class="state in">You are logged in as <strong>${user.displayName}</strong>.</p>
<p class="actions"><a class="button" href="/members">To the members’ page</a></p>`
    : html`<p class="state">You are not logged in.</p>
<p class="actions"><a class="button" href="/signup">Sign up</a> <a class="button quiet" href="/login">Log in</a></p>`
  return layout(
    { title: 'Welcome', user, notice },
    html`<div class="front">
<div class="hero">
<h1>Come in, the door knows you.</h1>
<p class="lede">Sign up, log in, log out, change your password: a small app that shows how
<a href="/members">a page for members</a> is kept for members.</p>
${state}
</div>
${door(user !== null)}
</div>
<section class="tries" aria-labelledby="tries">
<h2 id="tries">Things to try</h2>
<ol>
<li><h3>Log out and go back</h3><p>Open the members’ page, log out, press the Back button. Nothing of yours is shown.</p></li>
<li><h3>Use two browsers</h3><p>Log in twice, change the password in one. The other is out, and told why.</p></li>
<li><h3>Guess a password</h3><p>After five wrong guesses even the right one has to wait for a few minutes.</p></li>
<li><h3>Restart the demo</h3><p>Stop it and start it again. Your account is still there, and you are still logged in.</p></li>
</ol>
</section>`,
  )
}

interface LoginForm extends Form, Told {
  readonly next?: string | undefined
  readonly email?: string | undefined
}

export function loginPage({ next, email, notice, problem }: LoginForm): Html {
  return layout(
    { title: titled('Log in', problem), notice },
    html`<div class="desk">
<form class="card" method="post" action="/login">
<h1>Log in</h1>
${problemMessage(problem)}
${next && html`<input type="hidden" name="next" value="${next}">`}
${emailField({ value: email, autofocus: !problem, problem })}
${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', autofocus: problem !== undefined, problem })}
<button class="button wide">Log in</button>
<p class="aside">No account yet? <a href="/signup">Sign up</a></p>
</form>
<aside class="note" aria-labelledby="accounts">
<h2 id="accounts">This is a demo</h2>
<p>These accounts are ready to be used:</p>
<dl>
${ACCOUNTS.map(
  ({ email, password, disabled }) =>
    html`<div><dt>${email}${disabled && html` <span class="tag">disabled</span>`}</dt><dd><code>${password}</code></dd></div>`,
)}
</dl>
</aside>
</div>`,
  )
}

interface SignupForm extends Form {
  readonly name?: string
  readonly email?: string
}

export function signupPage({ name, email, problem }: SignupForm): Html {
  return layout(
    { title: titled('Sign up', problem) },
    html`<div class="desk">
<form class="card" method="post" action="/signup">
<h1>Sign up</h1>
${problemMessage(problem)}
${field({ name: 'name', label: 'Name', type: 'text', autocomplete: 'name', value: name, autofocus: true, problem })}
${emailField({ value: email, problem })}
${newPasswordField('Password', { problem })}
<button class="button wide">Create the account</button>
<p class="aside">You have an account? <a href="/login">Log in</a></p>
</form>
</div>`,
  )
}

interface Members extends Told {
  readonly user: User
  readonly token: AuthenticatedToken<User>
  readonly hasDevices: boolean
}

export function membersPage({ user, token, hasDevices, notice }: Members): Html {
  return layout(
    { title: 'Members', user, notice },
    html`<div class="desk wide">
<section class="card">
<p class="kicker">Members only</p>
<h1>Hello, ${user.displayName}</h1>
<dl class="facts">
<div><dt>Account</dt><dd>${user.email}</dd></div>
<div><dt>Logged in since</dt><dd>${time(token.authTime)}</dd></div>
<div><dt>Session ends</dt><dd>${token.expiresAt === null ? 'when you log out' : html`${time(token.expiresAt)}, unless you come back before`}</dd></div>
</dl>
<div class="actions"><a class="button" href="/password">Change the password</a> ${hasDevices && devicesLink}${logoutForm('button quiet')}</div>
</section>
</div>`,
  )
}

const devicesLink = html`<a class="button quiet" href="/devices">Where you are logged in</a> `

export function passwordPage({ user, problem }: Form & { user: User }): Html {
  return layout(
    { title: titled('Change the password', problem), user },
    html`<div class="desk">
<form class="card" method="post" action="/password">
<h1>Change the password</h1>
<p>You stay logged in here. Every other device is logged out.</p>
${problemMessage(problem)}
<input type="email" name="username" autocomplete="username" value="${user.email}" readonly hidden>
${field({ name: 'current', label: 'Current password', type: 'password', autocomplete: 'current-password', autofocus: true, problem })}
${newPasswordField('New password', { problem })}
<button class="button wide">Change the password</button>
<p class="aside"><a href="/members">Leave it as it is</a></p>
</form>
</div>`,
  )
}

export const messagePage = (shell: Pick<Shell, 'title' | 'user'>): Html =>
  layout(
    shell,
    html`<div class="hero">
<h1>${shell.title}.</h1>
<p class="actions"><a class="button" href="/">To the start</a></p>
</div>`,
  )
