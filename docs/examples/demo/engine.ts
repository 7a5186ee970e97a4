import type { DeviceList, SessionStrategy } from 'latchkey'
import { openRedis } from './engine-redis.ts'
import { openFile, openMysql, openPostgres, openUsersFile } from './engine-sql.ts'
import type { Users } from './users.ts'

/** Where users are kept, and sessions. */
export interface Engine {
  readonly users: Users
  /** With a list of devices wherever they are stored; without one when each is sealed in its cookie. */
  readonly sessions: SessionStrategy<DeviceList | undefined>
}

/** Opens what `url` names. A connection that is lost later is told to `onLost` and is no end: another is made. */
export type OpenEngine = (url: string, onLost: (error: Error) => void) => Promise<Engine>

const ENGINES: Record<'REDIS_URL' | 'DATABASE_URL', Record<string, readonly [string, OpenEngine]>> = {
  REDIS_URL: { 'redis:': ['Redis', openRedis], 'rediss:': ['Redis', openRedis] },
  DATABASE_URL: {
    'postgres:': ['PostgreSQL', openPostgres],
    'postgresql:': ['PostgreSQL', openPostgres],
    'mysql:': ['MySQL', openMysql],
    'file:': ['SQLite', openFile],
  },
}

const PATIENCE_SECONDS = 5

export interface OpenedEngine extends Engine {
  /** A sentence for people. Never holds the URL, which may have a password in it. */
  readonly whereKept: string
}

interface EngineChoice {
  readonly REDIS_URL?: string | undefined
  readonly DATABASE_URL?: string | undefined
  /** Where users are without any of the two. */
  readonly usersFile: string
}

/** The engine that the environment asks for. What it throws has a message for whoever started the demo. */
export async function openEngine(choice: EngineChoice): Promise<OpenedEngine> {
  const { REDIS_URL, DATABASE_URL, usersFile } = choice
  if (REDIS_URL && DATABASE_URL)
    throw new Error(
      'REDIS_URL and DATABASE_URL are both set. Leave one of them out: the demo keeps all in one place.',
    )
  if (REDIS_URL) return open('REDIS_URL', REDIS_URL)
  if (DATABASE_URL) return open('DATABASE_URL', DATABASE_URL)
  const engine = await openUsersFile(usersFile)
  return {
    ...engine,
    whereKept: `Users are kept in ${usersFile}, sessions in the browser’s cookie, encrypted.`,
  }
}

async function open(variable: keyof typeof ENGINES, url: string): Promise<OpenedEngine> {
  const known = ENGINES[variable]
  const scheme = /^[a-z]+:/i.exec(url)?.[0].toLowerCase() ?? ''
  const [name, openIt] = (Object.hasOwn(known, scheme) && known[scheme]) || []
  if (!name || !openIt) throw new Error(`${variable} must begin with one of ${Object.keys(known).join(' ')}`)
  const place = `${name} at ${placeOf(variable, url)}`
  let isOpen = false
  const onLost = (error: Error): void => {
    if (isOpen) console.error(`${place}: ${reasonOf(error)}`)
  }
  try {
    const engine = await Promise.race([openIt(url, onLost), tooLate()])
    isOpen = true
    return { ...engine, whereKept: `Users and sessions are kept in ${place}.` }
  } catch (error) {
    throw new Error(`${place} cannot be used: ${reasonOf(error)}`, { cause: error })
  }
}

/** The host, or the file: all of the URL that may be shown. */
function placeOf(variable: string, url: string): string {
  if (url.startsWith('file:')) return url.slice('file:'.length).replace(/^\/+/, '/')
  if (!URL.canParse(url))
    throw new Error(`${variable} is not a URL. Is everything in its password percent-encoded?`)
  return new URL(url).host || 'localhost'
}

/** Some engines take a connection and then say nothing. */
function tooLate(): Promise<never> {
  return new Promise((_, reject) => {
    const refuse = () => reject(new Error(`no answer within ${PATIENCE_SECONDS} seconds`))
    setTimeout(refuse, PATIENCE_SECONDS * 1000).unref()
  })
}

/** In one line. Where a name has several addresses and none answers, the message is empty and the code says it. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException
  return (message || code || 'for no reason that it gave').split('\n', 1)[0] as string
}
