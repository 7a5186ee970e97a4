// How often one request changes files: every function of the sources reports the file it stands in, one request is made
// through the Hono adapter, and the calls are counted. A stay is a run of calls in one file; a return is a stay in a file
// that was left before.
//   node test/bench/stays.mjs [ROOT OF A CHECKOUT] [--list]
import { readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import ts from 'typescript'

const root = resolve(process.argv.find((arg, i) => i > 1 && !arg.startsWith('--')) ?? '.')
const isListed = process.argv.includes('--list')
const { factory } = ts

/** Puts a call into each function that has a body. */
const reporting = (file) => (context) => (source) => {
  const report = factory.createCallExpression(factory.createIdentifier('globalThis.entered'), undefined, [
    factory.createStringLiteral(file),
  ])
  const visit = (given) => {
    const node = ts.visitEachChild(given, visit, context)
    if (!ts.isFunctionLike(node) || !node.body) return node
    const isBlock = ts.isBlock(node.body)
    const statements = isBlock ? [...node.body.statements] : [factory.createReturnStatement(node.body)]
    const isDerived =
      ts.isConstructorDeclaration(node) && /^\s*super\(/.test(statements[0]?.getFullText?.(source) ?? '')
    statements.splice(isDerived ? 1 : 0, 0, factory.createExpressionStatement(report))
    const body = factory.createBlock(statements, true)
    const { modifiers, name, parameters, typeParameters, type, asteriskToken } = node
    if (ts.isArrowFunction(node))
      return factory.updateArrowFunction(
        node,
        modifiers,
        typeParameters,
        parameters,
        type,
        node.equalsGreaterThanToken,
        body,
      )
    const isDeclaration = ts.isFunctionDeclaration(node)
    if (isDeclaration || ts.isFunctionExpression(node))
      return factory[isDeclaration ? 'updateFunctionDeclaration' : 'updateFunctionExpression'](
        node,
        modifiers,
        asteriskToken,
        name,
        typeParameters,
        parameters,
        type,
        body,
      )
    if (ts.isMethodDeclaration(node))
      return factory.updateMethodDeclaration(
        node,
        modifiers,
        asteriskToken,
        name,
        node.questionToken,
        typeParameters,
        parameters,
        type,
        body,
      )
    if (ts.isConstructorDeclaration(node))
      return factory.updateConstructorDeclaration(node, modifiers, parameters, body)
    if (ts.isGetAccessor(node))
      return factory.updateGetAccessorDeclaration(node, modifiers, name, parameters, type, body)
    return node
  }
  return ts.visitNode(source, visit)
}

const plugin = {
  name: 'reporting',
  setup(chain) {
    const doors = {
      latchkey: 'src/index.ts',
      'latchkey/adapter': 'src/adapter.ts',
      'latchkey/password': 'src/password/index.ts',
    }
    chain.onResolve({ filter: /^latchkey(\/|$)/ }, ({ path }) => ({ path: join(root, doors[path]) }))
    chain.onLoad({ filter: /\/(src|adapters)\/.*\.ts$/ }, async ({ path }) => {
      const file = relative(root, path)
      const { outputText } = ts.transpileModule(await readFile(path, 'utf8'), {
        compilerOptions: { target: 'esnext', module: 'esnext', verbatimModuleSyntax: true },
        transformers: { before: [reporting(file)] },
      })
      return { contents: outputText, loader: 'js' }
    })
  },
}

const entry = `
export * from 'latchkey'
export { latchkey } from '${join(root, 'adapters/hono/index.ts')}'
export { redisRecords } from '${join(root, 'adapters/redis/index.ts')}'`
const out = join(root, `node_modules/.stays-${process.pid}.mjs`)
const { outputFiles } = await build({
  stdin: { contents: entry, resolveDir: root, loader: 'ts' },
  plugins: [plugin],
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
  external: ['iron-webcrypto', '@noble/*', 'hono'],
})
await writeFile(out, outputFiles[0].text)
let calls = []
globalThis.entered = (file) => calls.push(file)
const { createAuth, latchkey, storedSessions, redisRecords, memoryUsers } = await import(
  pathToFileURL(out).href
).finally(() => rm(out))
const { Hono } = await import('hono')

const user = { id: 'ada', hashedPassword: 'hash' }
const appOf = (sessions) => {
  const passwords = { verify: async () => true, hash: async () => 'hash' }
  const users = memoryUsers([{ username: 'ada', user }])
  const secret = 'q3Jx9vT7mZk2Lw8RbN5sYc4HdF6gPa1UeXo0tIiVyKjMBnCz'
  const auth = createAuth({ secret, users, passwords, ...(sessions ? { sessions } : {}) })
  const app = new Hono()
  app.use(latchkey(auth))
  app.post('/login', async (c) => c.json({ ok: (await c.var.auth.login('ada', 'secret')).ok }))
  app.get('/app', async (c) => c.json({ user: (await c.var.auth.authenticate()).userId }))
  return app
}
const send = async (app, path, cookie) => {
  calls = []
  const method = path === '/login' ? 'POST' : 'GET'
  const answer = await app.request(`http://localhost${path}`, { method, headers: cookie ? { cookie } : {} })
  const seen = calls
  calls = []
  return { seen, body: await answer.text(), cookie: answer.headers.getSetCookie()[0]?.split(';')[0] }
}
const tell = (what, { seen, body }) => {
  const stays = seen.filter((file, i) => file !== seen[i - 1])
  const files = new Set(stays).size
  console.log(
    `${what}: ${stays.length} stays in ${files} files, ${stays.length - files} returns, ${seen.length} calls ${body}`,
  )
  if (isListed) console.log(stays.join('\n'))
}

const sealed = appOf()
await send(sealed, '/login')
tell('login through Hono, sealed session', await send(sealed, '/login'))

const require = createRequire(join(root, 'package.json'))
const { createClient } = await import(pathToFileURL(require.resolve('@redis/client')).href)
const client = createClient(process.env.REDIS_URL ? { url: process.env.REDIS_URL } : {})
await client.connect()
const stored = appOf(storedSessions(redisRecords(client, { prefix: `stays:${process.pid}:` })))
const { cookie } = await send(stored, '/login')
await send(stored, '/app', cookie)
tell('page through Hono, stored session in Redis', await send(stored, '/app', cookie))
for (const key of await client.keys(`stays:${process.pid}:*`)) await client.del(key)
await client.quit()
