import { html } from 'hono/html'
import type { Html } from './layout.ts'

interface Field {
  readonly name: string
  readonly label: string
  readonly type: 'text' | 'email' | 'password'
  readonly autocomplete: string
  readonly value?: string | undefined
  readonly hint?: string
  readonly minLength?: number
  readonly autofocus?: boolean
  readonly problem: Problem | undefined
}

/** Why a form was refused, and by which of its fields. Without one, it is the form as a whole. */
export interface Problem {
  readonly message: string
  readonly field?: string
}

/** The id of the message, so that screen readers read it with the field. */
const PROBLEM_ID = 'problem'

export const problemMessage = (problem: Problem | undefined): Html | undefined =>
  problem && html`<p class="message problem" role="alert" id="${PROBLEM_ID}">${problem.message}</p>`

export function field(options: Field): Html {
  const { name, label, type, autocomplete, value, hint, minLength, problem } = options
  const isRefused = problem !== undefined && (problem.field ?? name) === name
  const hasFocus = problem?.field === undefined ? options.autofocus : isRefused
  const hintId = `${name}-hint`
  const describedBy = [isRefused && PROBLEM_ID, hint && hintId].filter(Boolean).join(' ')
  return html`<div class="field">
  <label for="${name}">${label}</label>
  <input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" required
    ${value && html`value="${value}"`} ${minLength && html`minlength="${minLength}"`} ${hasFocus && 'autofocus'}
    ${describedBy && html`aria-describedby="${describedBy}"`} ${isRefused && html`aria-invalid="true"`}>
  ${hint && html`<p class="hint" id="${hintId}">${hint}</p>`}
</div>`
}

export const emailField = (options: Pick<Field, 'value' | 'autofocus' | 'problem'>) =>
  field({ name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'username', ...options })

export const newPasswordField = (label: string, options: Pick<Field, 'problem'>) =>
  field({
    name: 'password',
    label,
    type: 'password',
    autocomplete: 'new-password',
    hint: 'At least 8 characters. A few words in a row are easy to remember.',
    minLength: 8,
    ...options,
  })
