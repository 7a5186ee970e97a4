import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

const root = path.resolve(import.meta.dirname, '../..')
const printer = ts.createPrinter({ removeComments: true })

/** A file as its declarations: `isolatedDeclarations` lets each be made by itself, without a build. */
const declarations = new Map<string, ts.SourceFile>()
function declarationsOf(file: string): ts.SourceFile {
  const known = declarations.get(file)
  if (known) return known
  const { outputText } = ts.transpileDeclaration(readFileSync(path.join(root, file), 'utf8'), {
    fileName: file,
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
  })
  const parsed = ts.createSourceFile(file, outputText, ts.ScriptTarget.ESNext, true)
  declarations.set(file, parsed)
  return parsed
}

interface Place {
  readonly file: string
  readonly name: string
}

const fileOf = (from: string, specifier: string): string => path.join(path.dirname(from), specifier)

/** Where the names come from that a file imports, or hands on, from another of ours. */
function namesFrom(file: string, kind: 'import' | 'export'): Map<string, Place> {
  const found = new Map<string, Place>()
  for (const statement of declarationsOf(file).statements) {
    const isWanted = kind === 'import' ? ts.isImportDeclaration(statement) : ts.isExportDeclaration(statement)
    if (!isWanted) continue
    const { moduleSpecifier } = statement as ts.ImportDeclaration | ts.ExportDeclaration
    const specifier = moduleSpecifier && (moduleSpecifier as ts.StringLiteral).text
    if (!specifier?.startsWith('.')) continue
    const named = ts.isImportDeclaration(statement)
      ? statement.importClause?.namedBindings
      : (statement as ts.ExportDeclaration).exportClause
    if (!named || !(ts.isNamedImports(named) || ts.isNamedExports(named))) continue
    for (const { name, propertyName } of named.elements)
      found.set(name.text, { file: fileOf(file, specifier), name: (propertyName ?? name).text })
  }
  return found
}

/** The declarations of a name, followed to the file that has them. */
function declarationsAt({ file, name }: Place): { readonly file: string; readonly nodes: ts.Statement[] } {
  const handedOn = namesFrom(file, 'export').get(name)
  if (handedOn) return declarationsAt(handedOn)
  const nodes = declarationsOf(file).statements.filter((statement) => {
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.some(({ name: own }) => own.getText() === name)
    return (statement as { name?: ts.Node }).name?.getText() === name
  })
  return { file, nodes: [...nodes] }
}

/**
 * The public types of an entry, without comments: every name that it exports, and what those are made of. A change of
 * it is a change of the API.
 */
export function apiOf(entry: string): string {
  const exported = namesFrom(entry, 'export')
  const queue: [name: string, place: Place][] = [...exported]
  const texts = new Map<string, string>()
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [called, place] = next
    const { file, nodes } = declarationsAt(place)
    if (nodes.length === 0) throw new Error(`${entry} exports ${called}, which ${file} has not.`)
    const key = `${called} ${exported.has(called) ? '' : file}`
    if (texts.has(key)) continue
    const text = nodes.map((node) => printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()))
    texts.set(key, text.join('\n').replaceAll(/^(export )?(declare )?/gm, ''))
    const imports = namesFrom(file, 'import')
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node)) {
        const from = imports.get(node.text) ?? { file, name: node.text }
        const isOurs = imports.has(node.text) || declarationsAt(from).nodes.length > 0
        if (isOurs && existsSync(path.join(root, from.file)) && !exported.has(node.text))
          queue.push([node.text, from])
      }
      ts.forEachChild(node, visit)
    }
    for (const node of nodes) visit(node)
  }
  const part = (isExported: boolean): string =>
    [...texts]
      .filter(([key]) => exported.has(key.split(' ')[0] ?? '') === isExported)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, text]) => text)
      .join('\n\n')
  return `// Exported\n\n${part(true)}\n\n// What these are made of\n\n${part(false)}\n`
}

/** Exports of an entry, and members of what it exports, that have no doc comment: `Name` or `Name.member`. */
export function undocumented(entry: string): string[] {
  const missing: string[] = []
  for (const [called, place] of namesFrom(entry, 'export')) {
    const { nodes } = declarationsAt(place)
    if (!nodes.some(isDocumented)) missing.push(called)
    for (const node of nodes) {
      const members = membersOf(node).filter((member) => !isDocumented(member) && nameOf(member) !== '')
      missing.push(...members.map((member) => `${called}.${nameOf(member)}`))
    }
  }
  return [...new Set(missing)]
}

const isDocumented = (node: ts.Node): boolean =>
  (ts.getLeadingCommentRanges(node.getSourceFile().text, node.pos) ?? []).some(({ pos }) =>
    node.getSourceFile().text.startsWith('/**', pos),
  )

const nameOf = (member: ts.Node): string => {
  const { name } = member as { name?: ts.Node }
  return name && !ts.isPrivateIdentifier(name) ? name.getText() : ''
}

/** What people read about one by one: members of interfaces and classes, and of types that are written as objects. */
function membersOf(node: ts.Statement): readonly ts.Node[] {
  if (ts.isInterfaceDeclaration(node)) return node.members
  if (ts.isClassDeclaration(node))
    return node.members.filter(
      (member) => !(ts.getCombinedModifierFlags(member as ts.Declaration) & ts.ModifierFlags.Private),
    )
  return ts.isTypeAliasDeclaration(node) && ts.isTypeLiteralNode(node.type) ? node.type.members : []
}
