import {
  type Auth,
  type AuthEvent,
  type Authenticator,
  apiKeyAuthenticator,
  bearerAuthenticator,
  createAuth,
  type DeviceList,
  impersonation,
  LatchkeyError,
  type PasswordVerifier,
  protectPaths,
  type SessionStrategy,
  sealedSessions,
  sessionAuthenticator,
  tokenAuthenticator,
} from 'latchkey'
import { AppLimiter } from './app-limiter.ts'
import type { Arguments } from './arguments.ts'
import { Counters } from './counters.ts'
import type { Engine, OpenEngine } from './engines/engine.ts'
import { openMemory } from './engines/memory.ts'
import { Faults } from './faults.ts'
import { revocationOver, sessionsOver } from './records.ts'
import { storageOf } from './storage.ts'
import type { Surroundings } from './surroundings.ts'
import { OTHER_SEEDS, type User, UserTable } from './users.ts'

const SECRET = 'reference-app-secret-0123456789-abcdefghijklmnop'
const DEFAULTS: Record<string, unknown> = {
  secret: SECRET,
  throttle: { perAccount: 100, perAddress: 1000, windowSeconds: 900 },
}
const OPEN_MEMORY: OpenEngine = async (init) => openMemory(init)
/** Options that decide where things are kept, once, at the start. */
const OF_THE_START = ['engine', 'storePrefix']

/** Everything behind the app: users, engines, clock, faults, events, and the two auths over them. */
export class World {
  readonly arguments: Arguments
  readonly counters: Counters = new Counters()
  readonly faults: Faults = new Faults()
  readonly events: Record<string, unknown>[] = []
  readonly users: UserTable
  /** Where sessions live; for sealed ones, their revocation list. */
  readonly engine: Engine
  /** Where everything else is kept that processes may share: mostly the same. */
  readonly shared: Engine
  /** How many bytes is kept in this process, by the account of each that keeps something. */
  readonly meters: readonly (() => number)[]
  readonly passwords: Required<PasswordVerifier>
  auth: Auth<User, DeviceList | undefined>
  other: Auth<User, DeviceList | undefined>
  /** The secrets in force, first one first. */
  secret: unknown = SECRET
  cookieName = 'session'
  namespace = ''
  readonly #limiter: AppLimiter
  /** The lists of ended logins, of both auths. */
  readonly #ended: (() => number)[] = []
  readonly #otherLimiter: AppLimiter
  readonly #otherUsers: UserTable
  readonly #clock: WorldClock

  private constructor(
    args: Arguments,
    clock: WorldClock,
    { engine, shared }: { engine: Engine; shared: Engine },
    tables: { users: UserTable; other: UserTable },
    passwords: Required<PasswordVerifier>,
  ) {
    this.arguments = args
    this.#clock = clock
    this.engine = engine
    this.shared = shared
    this.users = tables.users
    this.#otherUsers = tables.other
    this.passwords = passwords
    this.#limiter = new AppLimiter(this.now, this.faults, shared)
    this.#otherLimiter = new AppLimiter(this.now, this.faults, shared)
    this.meters = [
      () => this.#limiter.bytes,
      () => this.#otherLimiter.bytes,
      () => this.#ended.reduce((sum, bytes) => sum + bytes(), 0),
    ]
    this.auth = this.#build(args.options)
    this.other = this.#buildOther()
  }

  /** By default in Node; no bundle for another runtime holds what only Node has. */
  static async make(args: Arguments, surroundings?: Surroundings): Promise<World> {
    const { passwords, engines, ...found } = surroundings ?? (await import('./node.ts')).NODE
    const seeding = found.seeding ?? { passwords, cheap: found.cheap }
    const users = await UserTable.make(seeding)
    const other = await UserTable.make({ ...seeding, seeds: OTHER_SEEDS })
    const clock = new WorldClock(args.isManualClock)
    const storage = storageOf(args)
    const open = async ({ engine, init }: typeof storage.sessions): Promise<Engine> => {
      const found = engines[engine] ?? (engine === 'memory' ? OPEN_MEMORY : undefined)
      if (found) return found({ ...init, now: clock.now })
      throw new LatchkeyError('invalid_configuration', `No engine "${engine}" here.`)
    }
    const engine = await open(storage.sessions)
    const shared = storage.shared ? await open(storage.shared) : engine
    return new World(args, clock, { engine, shared }, { users, other }, passwords)
  }

  readonly now = (): number => this.#clock.now()

  get bytes(): number {
    return this.meters.reduce((sum, bytes) => sum + bytes(), 0)
  }

  /** @param isLast Whether to remove what is kept. Default: unless other processes share it. */
  async close(isLast?: boolean): Promise<void> {
    await this.engine.close(isLast)
    if (this.shared !== this.engine) await this.shared.close(isLast)
  }

  advance(seconds: number): void {
    this.#clock.advancedMs += seconds * 1000
  }

  async reset(): Promise<void> {
    this.faults.reset()
    this.users.reset()
    this.#otherUsers.reset()
    await this.engine.clear()
    if (this.shared !== this.engine) await this.shared.clear()
    this.counters.reset()
    this.events.length = 0
    this.#clock.advancedMs = 0
    this.#limiter.clear()
    this.#otherLimiter.clear()
    this.configure(this.arguments.options)
  }

  /** Builds the auth again. Throws what `createAuth` throws, and then the old one stays in force. */
  configure(options: Record<string, unknown>): void {
    const before = this.#ended.splice(0)
    try {
      this.auth = this.#build(options)
    } catch (error) {
      this.#ended.splice(0, this.#ended.length, ...before)
      throw error
    }
    this.other = this.#buildOther()
  }

  #build(given: Record<string, unknown>): Auth<User, DeviceList | undefined> {
    const all: Record<string, unknown> = { origin: this.arguments.origin, ...DEFAULTS, ...given }
    const { revocation, badListener, cookie, throttle, limiter, ...rest } = withoutNull(all)
    for (const name of OF_THE_START) delete rest[name]
    const auth = createAuth<User, DeviceList | undefined>({
      secret: undefined,
      ...rest,
      ...(cookie === undefined ? {} : { cookie: cookieOptions(cookie) }),
      users: this.users.provider(this.counters, this.faults),
      passwords: this.#countedPasswords(),
      secondFactor: (user) => user.secondFactor,
      impersonation: impersonation(),
      authenticators: [
        sessionAuthenticator(),
        ...[bearerAuthenticator(), apiKeyAuthenticator(), tokenAuthenticator('Custom')].map(ofRoutes),
      ],
      protect: [
        protectPaths({ include: ['/admin'], scopes: ['admin'], redirectTo: '/login' }),
        protectPaths({ include: ['/area'], exclude: ['/area/public', '/area/health'], redirectTo: '/login' }),
      ],
      sessions: this.#sessions(revocation === true || revocation === 'engine'),
      ...this.#limiter.optionsOf(throttle, limiter),
      now: this.now,
      onEvent: (event) => {
        this.#note(event)
        if (badListener) throw new Error('the listener broke')
      },
    })
    this.secret = rest.secret
    this.namespace = (rest.namespace as string | undefined) ?? ''
    const { name = 'session' } = (cookie ?? {}) as { name?: string }
    this.cookieName = name.replace(/^__(Host|Secure)-/i, '')
    return auth
  }

  #buildOther(): Auth<User, DeviceList | undefined> {
    return createAuth<User, DeviceList | undefined>({
      secret: SECRET,
      origin: this.arguments.origin,
      users: this.#otherUsers.provider(this.counters, this.faults),
      passwords: this.#countedPasswords(),
      sessions: this.#sessions(false),
      cookie: { name: 'other' },
      ...this.#otherLimiter.optionsOf(DEFAULTS.throttle, undefined),
      now: this.now,
    })
  }

  #sessions(revocation: boolean): SessionStrategy<DeviceList | undefined> {
    const { engine, counters, faults } = this
    if (this.arguments.sessions !== 'sealed') return sessionsOver(engine, counters, faults)
    const sealed = sealedSessions(revocation ? { revocation: revocationOver(engine, counters, faults) } : {})
    return (environment) => {
      const kind = sealed(environment)
      this.#ended.push(() => kind.bytes ?? 0)
      return kind
    }
  }

  #countedPasswords(): PasswordVerifier {
    const { counters, passwords } = this
    return {
      dummyHash: passwords.dummyHash,
      canVerify: (hashed) => passwords.canVerify(hashed),
      needsRehash: (hashed) => passwords.needsRehash(hashed),
      verify(plain, hashed) {
        counters.add('verify')
        return passwords.verify(plain, hashed)
      },
      hash(plain, options) {
        counters.add('hash')
        return passwords.hash(plain, options)
      },
    }
  }

  #note(event: AuthEvent<User>): void {
    const { type, at, address } = event
    const user =
      'user' in event
        ? event.user?.id
        : 'userId' in event
          ? event.userId
          : 'username' in event
            ? event.username
            : undefined
    const reason = 'reason' in event ? event.reason : undefined
    const { actor, session, origin, expected } = event as Record<string, unknown>
    this.events.push({ type, at, user, actor, reason, session, address, origin, expected })
  }
}

/** One that single routes ask for: nobody is known by it elsewhere, but it is what the cross-origin check goes by. */
function ofRoutes({ credentialOf, hasExplicitCredential }: Authenticator<User>): Authenticator<User> {
  return {
    authenticate: () => null,
    ...(credentialOf ? { credentialOf } : {}),
    ...(hasExplicitCredential ? { hasExplicitCredential } : {}),
  }
}

/** The clock that the library reads: the real one, or one that stands still until it is advanced. */
class WorldClock {
  advancedMs = 0
  readonly #isManual: boolean
  readonly #startedAt = Date.now()

  constructor(isManual: boolean) {
    this.#isManual = isManual
  }

  readonly now = (): number => (this.#isManual ? this.#startedAt : Date.now()) + this.advancedMs
}

function withoutNull(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null))
}

/** `secure: false` is called by its name. */
function cookieOptions(given: unknown): object {
  if (typeof given !== 'object' || given === null) return given as never
  const { secure, ...rest } = withoutNull(given as Record<string, unknown>)
  return { ...rest, ...(secure === true ? { secure } : {}), ...(secure === false ? { insecure: true } : {}) }
}
