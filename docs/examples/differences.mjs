// Writes README.md beside it: the examples, and what each changes of the one for fetch.
// `node docs/examples/differences.mjs` writes; with `--check` it says whether that has been done.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const HERE = import.meta.dirname
const BASE = 'fetch'
/** In every example, and never what it is about. */
const BESIDE_THE_POINT = ['README.md', 'package.json', 'package-lock.json', 'tsconfig.json']
const LONGEST_WHOLE_FILE = 60

const text = (...names) => readFileSync(path.join(HERE, ...names), 'utf8')
const linesOf = (content) => content.trimEnd().split('\n')

const names = readdirSync(HERE)
  .filter((name) => existsSync(path.join(HERE, name, 'package.json')))
  .sort((a, b) => Number(b === BASE) - Number(a === BASE) || a.localeCompare(b))

function git(...args) {
  const { stdout, stderr, status } = spawnSync('git', args, { cwd: HERE, encoding: 'utf8' })
  if (status === null || status > 1) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  return stdout
}

/** What belongs to an example: not what was installed or built in it. */
const filesOf = (name) =>
  git('ls-files', '--cached', '--others', '--exclude-standard', '-z', name)
    .split('\0')
    .map((file) => path.relative(name, file))
    .filter((file) => lstatSync(path.join(HERE, name, file), { throwIfNoEntry: false })?.isFile())
    .filter((file) => !BESIDE_THE_POINT.includes(path.basename(file)))
    .toSorted()

/** `app/auth.server.ts` is this example's `auth.ts`. */
function baseOf(file) {
  const base = filesOf(BASE)
  const stem = (name) => path.basename(name).split('.')[0]
  return base.includes(file) ? file : base.find((name) => stem(name) === stem(file))
}

/** What has changed, indentation aside; without the lines that name files and positions. */
function diff(from, to) {
  const flags = [
    '--no-ext-diff',
    '--no-color',
    '--diff-algorithm=histogram',
    '--ignore-all-space',
    '--unified=2',
  ]
  const lines = linesOf(git('diff', '--no-index', ...flags, '--', path.join(HERE, from), path.join(HERE, to)))
  const start = lines.findIndex((line) => line.startsWith('@@'))
  if (start < 0) return []
  return lines.slice(start).map((line) => (line.startsWith('@@') ? '@@' : line.trimEnd()))
}

const FENCE = '```'
const block = (language, lines) => [FENCE + language, ...lines, FENCE].join('\n')
const languageOf = (file) => path.extname(file).slice(1)

/** What is to be seen of one file: a section, or nothing where it is as in the base. */
function section(name, file) {
  const whole = linesOf(text(name, file))
  const base = baseOf(file)
  const changed = base ? diff(`${BASE}/${base}`, `${name}/${file}`) : undefined
  if (changed?.length === 0) return undefined
  const count = changed?.filter((line) => /^[+-]/.test(line)).length ?? Number.POSITIVE_INFINITY
  const link = `[\`${file}\`](${name}/${file})`
  if (changed && count <= whole.length) {
    const from = base === file ? '' : `, from \`${base}\``
    return `${link}${from}:\n\n${block('diff', changed)}`
  }
  if (whole.length > LONGEST_WHOLE_FILE) return `${link}: ${whole.length} lines, new.`
  return `${link}, new:\n\n${block(languageOf(file), whole)}`
}

const titleOf = (name) =>
  /^# Login and logout (?:in|on) (?:an? )?(.+)$/m.exec(text(name, 'README.md'))?.[1] ?? name

function chapter(name) {
  const files = filesOf(name)
  const sections = files.map((file) => [file, section(name, file)])
  const same = sections.filter(([, content]) => content === undefined).map(([file]) => `\`${file}\``)
  return [
    `## ${titleOf(name)}`,
    ...(same.length > 0 ? [`As in the base: ${same.join(', ')}.`] : []),
    ...sections.flatMap(([, content]) => content ?? []),
  ].join('\n\n')
}

function startOf(name) {
  return JSON.parse(text(name, 'package.json')).scripts.start
}

const recipes = readdirSync(path.join(HERE, 'recipes'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `[${name}](recipes/${name})`)

const page = `# Examples

Whole small apps, to be copied: a login page, a page for users, a logout. They do the same, and each is started by one command in its folder: \`npm install && npm start\`.

| | what \`npm start\` runs |
|---|---|
${names.map((name) => `| [${titleOf(name)}](${name}) | \`${startOf(name)}\` |`).join('\n')}

Each is copied, installed, started and clicked through in Chromium by \`test/browser/examples.test.ts\`. From a checkout of this repository, give an example the package that you have built: \`npm run build && npm pack\`, and in its folder \`npm install ../../../latchkey-0.1.0.tgz\`.

For further frameworks there are [recipes](../recipes.md): ${recipes.join(', ')}.

Below is what each changes of the first one, [\`${BASE}\`](${BASE}), indentation aside.

${names
  .filter((name) => name !== BASE)
  .map(chapter)
  .join('\n\n')}
`

const README = path.join(HERE, 'README.md')
if (!process.argv.includes('--check')) writeFileSync(README, page)
else if (!existsSync(README) || readFileSync(README, 'utf8') !== page) {
  console.error('docs/examples/README.md is not up to date: node docs/examples/differences.mjs')
  process.exit(1)
}
