import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** What was recorded: see README.md beside this file. */
export interface Scenario {
  readonly id: string
  readonly title: string
  readonly profile: string
  readonly verdict: 'match' | 'differ' | 'python' | 'store'
  readonly better?: string | null
  readonly steps: readonly Step[]
}

export type Step = ControlStep | RequestStep

export interface ControlStep {
  readonly control: string
  readonly args: { readonly user: string; readonly password?: string; readonly scope?: string }
}

export interface RequestStep {
  readonly control?: undefined
  readonly n: number
  readonly client: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers: readonly [name: string, value: string][]
    readonly form?: Readonly<Record<string, string>> | readonly [string, string][]
    readonly cookie: 'jar' | 'none' | { readonly from_step?: number; readonly literal?: string }
  }
  readonly expect: {
    readonly status: number
    readonly location: string | null
    readonly www_authenticate: string | null
    readonly json: unknown
    readonly raised: { readonly type: string } | null
    readonly auth: ObservedToken | null
    readonly session: Readonly<Record<string, unknown>> | null
    readonly sent_sid: string | null
    readonly set_cookie: { readonly sid: string | null } | null
    readonly events?: readonly string[]
  }
}

export interface ObservedToken {
  readonly is_authenticated: boolean
  readonly user_id: unknown
  readonly display_name: string
  readonly original_user_id: unknown
  readonly scopes: readonly string[]
  readonly state: string
}

export interface Profile {
  readonly session: string
  readonly secret_key: string
  readonly verifier: string
  readonly auth: {
    readonly authenticators: readonly AuthenticatorConfig[]
    readonly on_failure?: string
    readonly redirect_to?: string | null
    readonly include_patterns?: readonly string[]
    readonly exclude_patterns?: readonly string[]
  } | null
  readonly impersonation: {
    readonly guard?: string
    readonly scope?: string
    readonly enter_query_param?: string
    readonly exit_user_name?: string
  } | null
  readonly manual?: readonly AuthenticatorConfig[]
}

export interface AuthenticatorConfig {
  readonly type: string
  readonly realm?: string
  readonly token_name?: string
  readonly query_param?: string
  readonly header_name?: string
}

const OWN = path.join(import.meta.dirname, 'vectors')

/** The folder that is replayed: ours, or another one of the same form. */
function folder(): string {
  const given = process.env.IMIA_VECTORS
  if (!given) return OWN
  return existsSync(path.join(given, 'vectors')) ? path.join(given, 'vectors') : given
}

export function readVectors<T>(name: string): T {
  const file = path.join(folder(), name)
  return JSON.parse(readFileSync(existsSync(file) ? file : path.join(OWN, name), 'utf8')) as T
}

export function profiles(): Readonly<Record<string, Profile>> {
  return readVectors('profiles.json')
}

/** Every scenario of the folder. */
export function scenarios(): readonly Scenario[] {
  const files = readdirSync(folder()).filter((name) => name.endsWith('.json'))
  return files
    .flatMap((name) => readVectors<{ scenarios?: readonly Scenario[] }>(name).scenarios ?? [])
    .filter(({ steps }) => Array.isArray(steps))
}
