import { html } from 'hono/html'
import type { Html } from './layout.ts'

/** The picture on the landing page: shut for visitors, open for members. */
export const door = (
  isOpen: boolean,
): Html => html`<svg class="door" viewBox="0 0 240 310" aria-hidden="true">
  <path class="frame" d="M14 300V120a106 106 0 0 1 212 0v180Z"/>
  ${isOpen ? OPEN : SHUT}
  <path class="sill" d="M0 300h240v8H0z"/>
</svg>`

const SHUT = html`<path class="leaf" d="M32 300V120a88 88 0 0 1 176 0v180Z"/>
  <path class="panel" d="M56 276v-86h56v86ZM128 276v-86h56v86ZM56 166v-46a56 56 0 0 1 56-60v106ZM128 166V60a56 56 0 0 1 56 60v46Z"/>
  <path class="brass" d="M193 172a8 8 0 0 1 5 14l3 16h-16l3-16a8 8 0 0 1 5-14Z"/>`

const OPEN = html`<path class="light" d="M32 300V120a88 88 0 0 1 176 0v180Z"/>
  <path class="leaf" d="M32 300V120c0-46 28-76 66-84v264Z"/>
  <path class="panel" d="M46 284v-88l38-4v92ZM46 174v-50c0-28 14-50 38-60v106Z"/>
  <circle class="brass" cx="89" cy="182" r="5"/>`
