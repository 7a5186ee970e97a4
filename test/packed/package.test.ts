import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const scratch = mkdtempSync(path.join(os.tmpdir(), 'latchkey-package-'))
const consumer = path.join(scratch, 'consumer')
let tarball = ''

function run(command: string, args: string[], cwd = root): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}\n${stderr}`)
  return stdout
}

/** What ships is tested: built, packed, and installed into an empty project. */
beforeAll(() => {
  // `prepack` builds, so that what is published is never older than its sources.
  rmSync(path.join(root, 'dist'), { recursive: true, force: true })
  const printed = run('npm', ['pack', '--json', '--pack-destination', scratch])
  const [packed] = JSON.parse(printed.slice(printed.search(/^\[/m))) as [{ filename: string }]
  tarball = path.join(scratch, packed.filename)
  execFileSync('mkdir', ['-p', consumer])
  writeFileSync(path.join(consumer, 'package.json'), '{"name":"consumer","private":true,"type":"module"}')
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], consumer)
}, 240_000)

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

async function bundled(code: string): Promise<{ text: string; bytes: number; inputs: string[] }> {
  const result = await build({
    stdin: { contents: code, resolveDir: consumer },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    external: ['node:*', 'hono', 'hono/*'],
    metafile: true,
    write: false,
  })
  const [output] = result.outputFiles
  const [meta] = Object.values(result.metafile.outputs)
  const inputs = Object.entries(meta?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([name]) => name)
  return { text: output?.text ?? '', bytes: gzipSync(output?.contents ?? '', { level: 9 }).length, inputs }
}

const KDF = /scrypt|argon2|pbkdf2\.js|blake/
const NOBLE = /@noble/
const IRON = /iron-webcrypto/

/** Minified and gzipped, in bytes; and what must never come along. */
const SIZES: readonly [what: string, code: string, limit: number, never: RegExp[]][] = [
  ['the core: LoginManager', "export { LoginManager } from 'latchkey'", 9900, [KDF, NOBLE, IRON]],
  [
    'the core and sealed sessions',
    "export { LoginManager, sealedSessions } from 'latchkey'",
    14_300,
    [KDF, NOBLE],
  ],
  ['createAuth, with all it needs', "export { createAuth } from 'latchkey'", 27_400, [KDF, NOBLE]],
  [
    'createAuth and stored sessions',
    "export { createAuth, storedSessions, memoryRecords } from 'latchkey'",
    34_500,
    [KDF],
  ],
  [
    'authenticators, path rules and impersonation',
    "export { createAuth, protectPaths, impersonation, basicAuthenticator, bearerAuthenticator, apiKeyAuthenticator } from 'latchkey'",
    31_300,
    [KDF],
  ],
  ['a fetch handler', "export { withAuth } from 'latchkey/fetch'", 2250, [KDF, NOBLE, IRON]],
  ['records in Redis', "export { redisRecords } from 'latchkey/redis'", 3200, [KDF, NOBLE, IRON]],
  ['records in SQL', "export { pg, sqlRecords } from 'latchkey/sql'", 4100, [KDF, NOBLE, IRON]],
  [
    'records in Durable Objects',
    "export { durableObjectRecords, SessionObject } from 'latchkey/cloudflare'",
    2800,
    [KDF, NOBLE, IRON],
  ],
  ['safeRedirectPath alone', "export { safeRedirectPath } from 'latchkey'", 500, [KDF, NOBLE, IRON]],
  ['PBKDF2', "export { pbkdf2 } from 'latchkey/password'", 2550, [NOBLE, IRON]],
  ['argon2id', "export { argon2id } from 'latchkey/password'", 9000, [IRON]],
  ['scrypt', "export { scrypt } from 'latchkey/password'", 8000, [IRON]],
]

describe('size', () => {
  test.each(SIZES)('%s', async (what, code, limit, never) => {
    const { bytes, inputs } = await bundled(code)
    console.log(`${what}: ${bytes} bytes, limit ${limit}`)
    for (const pattern of never) expect(inputs.filter((name) => pattern.test(name))).toEqual([])
    expect(bytes).toBeLessThanOrEqual(limit)
  })

  test('an import for its types alone carries nothing', async () => {
    expect((await bundled("import 'latchkey'")).text.trim()).toBe('')
  })
})

describe('the packed tarball, installed into an empty project', () => {
  test('holds what it should, and nothing else', () => {
    const names = run('tar', ['-tzf', tarball])
      .trim()
      .split('\n')
      .map((name) => name.replace(/^package\//, ''))
    expect(names.filter((name) => !name.startsWith('dist/')).toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'docs/sql/mysql.sql',
      'docs/sql/postgres.sql',
      'docs/sql/sqlite.sql',
      'package.json',
    ])
    expect(names.filter((name) => !/\.(js|d\.ts)$/.test(name) && name.startsWith('dist/'))).toEqual([])
  })

  test('brings two packages along, and what they need', () => {
    const lock = JSON.parse(readFileSync(path.join(consumer, 'node_modules/.package-lock.json'), 'utf8')) as {
      packages: object
    }
    expect(Object.keys(lock.packages).toSorted()).toEqual([
      'node_modules/@noble/hashes',
      'node_modules/iron-webcrypto',
      'node_modules/latchkey',
      'node_modules/uint8array-extras',
    ])
  })

  test('exports these names', async () => {
    const script = `for (const entry of ['', '/adapter', '/password', '/fetch', '/redis', '/sql', '/cloudflare', '/iron-session', '/next', '/node', '/react-router', '/remix', '/testing'].map((path) => 'latchkey' + path))
      console.log(JSON.stringify([entry, Object.keys(await import(entry)).sort()]))`
    const printed = run('node', ['--input-type=module', '-e', script], consumer).trim().split('\n')
    expect(Object.fromEntries(printed.map((line) => JSON.parse(line) as [string, string[]]))).toEqual({
      latchkey: [
        'Auth',
        'LatchkeyError',
        'LoginManager',
        'apiKeyAuthenticator',
        'authenticatedToken',
        'basicAuthenticator',
        'bearerAuthenticator',
        'cachedRecords',
        'createApiToken',
        'createAuth',
        'eventuallyConsistentSessions',
        'handleRequest',
        'hashApiToken',
        'impersonation',
        'memoryLimiter',
        'memoryRecords',
        'memoryUsers',
        'migrateSession',
        'passwordStamp',
        'protectPaths',
        'safeRedirectPath',
        'sealedSessions',
        'sessionAuthenticator',
        'storedSessions',
        'tokenAuthenticator',
      ],
      'latchkey/adapter': [
        'MAX_SOURCES',
        'PENDING_MS',
        'ReadModifyWrite',
        'adaptSession',
        'checkCount',
        'checkCrossOrigin',
        'checkSeconds',
        'countAt',
        'deniedResponse',
        'errorResponse',
        'fromStoredKey',
        'fromStoredKeys',
        'misconfigured',
        'patched',
        'refusalBy',
        'refuseUnknown',
        'removalsOf',
        'reserveIn',
        'resolveAuth',
        'serializeCookie',
        'settleIn',
        'toStoredKey',
        'toStoredKeys',
        'wantsJson',
        'withSession',
        'writeSession',
      ],
      'latchkey/password': [
        'argon2id',
        'aspnetPasswords',
        'bcryptBy',
        'betterAuthPasswords',
        'djangoPasswords',
        'firebasePasswords',
        'isPasswordText',
        'keycloakPasswords',
        'legacyArgon2',
        'nodeRsArgon2',
        'passlibPbkdf2',
        'passwordChain',
        'passwordPolicy',
        'pbkdf2',
        'scrypt',
        'shaCrypt',
        'springPasswords',
        'werkzeugPasswords',
        'wordpressPasswords',
      ],
      'latchkey/fetch': ['withAuth'],
      'latchkey/redis': ['redisLimiter', 'redisRecords'],
      'latchkey/sql': [
        'createLimiterSchema',
        'createSchema',
        'd1',
        'kysely',
        'libsql',
        'limiterSchemaOf',
        'mysql2',
        'pg',
        'pglite',
        'postgresJs',
        'schemaOf',
        'sqlLimiter',
        'sqlRecords',
        'sqlUsers',
        'sqlite',
      ],
      'latchkey/cloudflare': ['SessionObject', 'durableObjectLimiter', 'durableObjectRecords', 'kvRecords'],
      'latchkey/iron-session': ['ironSession'],
      'latchkey/next': ['latchkey'],
      'latchkey/node': ['expressSession', 'latchkey', 'previousExpressSession', 'toRequest'],
      'latchkey/react-router': ['latchkey', 'routerSession', 'singleFetchPage'],
      'latchkey/remix': ['latchkey', 'remixSession'],
      'latchkey/testing': [
        'ContractError',
        'TestBrowser',
        'eventualRecordStoreContract',
        'limiterContract',
        'recordIndexContract',
        'recordPruneContract',
        'recordStoreContract',
        'sessionStoreContract',
        'testClock',
      ],
    })
  })

  test('logs in and out', () => {
    const script = `
      import { createAuth, memoryUsers } from 'latchkey'
      import { withAuth } from 'latchkey/fetch'
      import { pbkdf2 } from 'latchkey/password'
      import { TestBrowser } from 'latchkey/testing'
      const passwords = pbkdf2({ iterations: 100_000 })
      const user = { id: 7, hashedPassword: await passwords.hash('open sesame') }
      const users = memoryUsers([{ user, username: 'ali' }])
      const auth = createAuth({ secret: 'a secret of more than thirty-two bytes', users, passwords })
      const handle = withAuth(auth, async (request, { auth }) => {
        if (request.url.endsWith('/in')) return Response.json(await auth.login('ali', 'open sesame'))
        if (request.url.endsWith('/out')) await auth.logout()
        return Response.json((await auth.authenticate()).userId)
      })
      const browser = new TestBrowser(handle, 'https://app.test')
      await browser.post('/in')
      const inside = await (await browser.get('/')).json()
      await browser.post('/out')
      console.log(inside, await (await browser.get('/')).json())`
    expect(run('node', ['--input-type=module', '-e', script], consumer).trim()).toBe('7 null')
  })

  test('has types that a strict project compiles against', () => {
    writeFileSync(
      path.join(consumer, 'index.ts'),
      `import { createAuth, type UserProvider } from 'latchkey'
      import { withAuth } from 'latchkey/fetch'
      import { scrypt } from 'latchkey/password'
      interface User { id: number; hashedPassword: string; plan: 'free' | 'paid' }
      declare const users: UserProvider<User>
      const auth = createAuth({ secret: 'x', users, passwords: scrypt() })
      export const handle = withAuth(auth, async (_, { auth }) => {
        const token = await auth.authenticate()
        const plan: 'free' | 'paid' | undefined = token.user?.plan
        // @ts-expect-error there may be nobody
        token.user.plan
        return new Response(plan)
      })`,
    )
    const args = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--lib',
      'es2023,dom,dom.iterable',
      'index.ts',
    ]
    run('node', [path.join(root, 'node_modules/typescript/bin/tsc'), ...args], consumer)
  })

  test('publint has nothing to say', () => {
    expect(run('npx', ['publint', 'run', tarball, '--strict'])).toContain('All good!')
  })

  test('are the types wrong? They are not', () => {
    run('npx', ['attw', tarball, '--profile', 'esm-only', '--no-emoji'])
  })
})

describe('the repository', () => {
  const tracked = run('git', ['ls-files'])
    .trim()
    .split('\n')
    .filter((name) => existsSync(path.join(root, name)))

  test('names no machine and no registry', () => {
    const words = new RegExp(['/wo' + 'rk/', 'registry\\.npm' + 'js', '://regis' + 'try\\.'].join('|'))
    const guilty = tracked.filter(
      (name) =>
        /\.(ts|mjs|json|md|yml)$/.test(name) && words.test(readFileSync(path.join(root, name), 'utf8')),
    )
    expect(guilty).toEqual([])
  })

  test('lists every attack in docs/security.md', () => {
    const listed = readFileSync(path.join(root, 'docs/security.md'), 'utf8')
    const missing = tracked.filter(
      (name) => /^test\/(\w+\/)?attacks\/.+\.test\.ts$/.test(name) && !listed.includes(path.basename(name)),
    )
    expect(missing).toEqual([])
  })
})
