import { parseArgs } from 'node:util'

/** What the command line asks for. */
export interface Arguments {
  readonly adapter: string
  readonly sessions: string
  readonly port: number
  readonly origin: string
  readonly isManualClock: boolean
  readonly options: Record<string, unknown>
}

/** Ends the process: 2 for a command line that asks for what there is not. */
export function usage(message: string): never {
  console.error(`reference: ${message}`)
  process.exit(2)
}

const parsed: typeof parseArgs = (config) => {
  try {
    return parseArgs(config)
  } catch (error) {
    return usage((error as Error).message)
  }
}

/** `offers`: the sessions that there are, by adapter. */
export function readArguments(offers: Readonly<Record<string, readonly string[]>>): Arguments {
  const { values } = parsed({
    options: {
      adapter: { type: 'string', default: 'fetch' },
      sessions: { type: 'string', default: 'sealed' },
      port: { type: 'string', default: '9001' },
      origin: { type: 'string' },
      clock: { type: 'string', default: 'real' },
      options: { type: 'string', default: '{}' },
    },
  })
  const { adapter, clock } = values
  const port = Number(values.port)
  const sessions = Object.hasOwn(offers, adapter) ? offers[adapter] : undefined
  if (!sessions) return usage(`no adapter "${adapter}" yet; there is ${Object.keys(offers).join(', ')}.`)
  if (!sessions.includes(values.sessions)) {
    usage(`no sessions "${values.sessions}" for ${adapter} yet; there is ${sessions.join(', ')}.`)
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) usage(`--port is a number from 1 to 65535.`)
  if (clock !== 'real' && clock !== 'manual') usage('--clock is "real" or "manual".')
  return {
    adapter,
    sessions: values.sessions,
    port,
    origin: values.origin ?? `http://127.0.0.1:${port}`,
    isManualClock: clock === 'manual',
    options: readJson(values.options),
  }
}

function readJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {}
  return usage('--options is a JSON object.')
}
