import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const guide = path.resolve(import.meta.dirname, '../../docs/guide')

/** The files that the pages of docs/guide are made of: every \`\`\`ts block, named by its first line. */
export const guideFiles: ReadonlyMap<string, string> = new Map(
  readdirSync(guide).flatMap((page) =>
    Array.from(
      readFileSync(path.join(guide, page), 'utf8').matchAll(/```ts\n(?:\/\/ ([\w-]+\.ts)\n)?([\s\S]*?)```/g),
      ([, name, code = '']): [string, string] => {
        if (!name) throw new Error(`A block of docs/guide/${page} does not begin with the name of its file.`)
        return [name, code]
      },
    ),
  ),
)

const folder = path.resolve(import.meta.dirname, '../output/guide')

export const guidePath = (name: string): string => path.join(folder, name)

/** They import one another, and so they go into one folder: inside of the repository, for the sake of packages. */
export function writeGuide(into: string = folder): void {
  mkdirSync(into, { recursive: true })
  for (const [name, code] of guideFiles) writeFileSync(path.join(into, name), code)
}

export const removeGuide = (): void => rmSync(folder, { recursive: true, force: true })

/** As GitHub makes them. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')

export function deadLinks(): string[] {
  return readdirSync(guide).flatMap((page) =>
    Array.from(readFileSync(path.join(guide, page), 'utf8').matchAll(/\]\(([^):]+)\)/g), ([, link = '']) => {
      const [file = '', heading] = link.split('#')
      const target = path.join(guide, file)
      if (!existsSync(target)) return `${page}: ${link}`
      const headings = heading ? readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm) : []
      const isThere = !heading || Array.from(headings, ([, text = '']) => anchor(text)).includes(heading)
      return isThere ? [] : `${page}: ${link}`
    }).flat(),
  )
}
