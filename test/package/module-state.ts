import path from 'node:path'
import ts from 'typescript'

/** A variable of a module in which something of one request could wait for the next. */
export interface ModuleState {
  readonly file: string
  readonly name: string
  readonly why: string
}

const MUTATORS = new Set(
  'set add delete clear push pop shift unshift splice sort reverse fill copyWithin'.split(' '),
)
/** What is called with an object to change it. */
const CHANGES_FIRST = /^(Object\.(assign|defineProperty)|Reflect\.set|crypto\.getRandomValues)$/
/** What makes a thing that keeps nothing by itself. */
const STATELESS = /^(TextEncoder|TextDecoder|RegExp|Symbol|Set|Map|Uint8Array|Object\.\w+|.+\.split)$/

/**
 * Finds variables of modules that change, or could: `let`, what is assigned to or changed by a method anywhere,
 * containers that begin empty, and what was made by a call or by `new`, which could keep anything.
 *
 * @param sources Texts by their paths from the root of the repository.
 */
export function moduleStates(sources: ReadonlyMap<string, string>): ModuleState[] {
  const program = programOf(sources)
  const checker = program.getTypeChecker()
  const found = new Map<string, ModuleState>()
  const report = (name: ts.Node, why: string): void => {
    const file = path.relative('/', name.getSourceFile().fileName)
    const key = `${file} ${name.getText()}`
    if (!found.has(key)) found.set(key, { file, name: name.getText(), why })
  }
  /** Reports the variable, function or class of a module that an expression is, or is a part of. */
  const changed = (expression: ts.Expression, why: string): void => {
    const root = rootOf(expression)
    if (!ts.isIdentifier(root)) return
    if (root.text === 'globalThis' && root !== expression) return void report(root, why)
    const symbol = checker.getSymbolAtLocation(root)
    const target = symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const declaration = target?.valueDeclaration as ts.NamedDeclaration | undefined
    if (declaration?.name && isOfModule(declaration)) report(declaration.name, why)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && isOfModule(node)) {
      const why = suspicion(node)
      if (why) report(node.name, why)
    }
    if (ts.isPropertyDeclaration(node) && isStatic(node)) report(node.name, 'a static field')
    const change = changeIn(node)
    if (change) changed(...change)
    ts.forEachChild(node, visit)
  }
  for (const file of sources.keys()) visit(program.getSourceFile(`/${file}`) as ts.SourceFile)
  return [...found.values()]
}

/** What a node changes, and how. */
function changeIn(node: ts.Node): [ts.Expression, string] | null {
  if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) return [node.left, 'assigned to']
  if (ts.isDeleteExpression(node)) return [node.expression, 'delete']
  if (ts.isPostfixUnaryExpression(node)) return [node.operand, 'counted']
  if (ts.isPrefixUnaryExpression(node) && node.operator >= ts.SyntaxKind.PlusPlusToken)
    return node.operator <= ts.SyntaxKind.MinusMinusToken ? [node.operand, 'counted'] : null
  if (!ts.isCallExpression(node)) return null
  const { expression: callee, arguments: given } = node
  if (given[0] && CHANGES_FIRST.test(callee.getText())) return [given[0], callee.getText()]
  if (!ts.isPropertyAccessExpression(callee) || !MUTATORS.has(callee.name.text)) return null
  return [callee.expression, `.${callee.name.text}()`]
}

/** Why a variable of a module is not plainly a constant. */
function suspicion({ type, initializer, parent }: ts.VariableDeclaration): string | null {
  if (!(parent.flags & ts.NodeFlags.Const)) return 'let'
  const made = initializer && bare(initializer)
  if (!made) return null
  if (ts.isNewExpression(made) || ts.isCallExpression(made)) {
    const maker = made.expression.getText()
    if (!STATELESS.test(maker)) return `made by ${maker}`
    return /^(Map|Set)$/.test(maker) && !made.arguments?.length ? 'begins empty' : null
  }
  const isEmpty =
    (ts.isArrayLiteralExpression(made) && made.elements.length === 0) ||
    (ts.isObjectLiteralExpression(made) && made.properties.length === 0)
  return isEmpty && !/^readonly\b/i.test(type?.getText() ?? '') ? 'begins empty' : null
}

function rootOf(expression: ts.Expression): ts.Expression {
  const inner = bare(expression)
  const isPart = ts.isPropertyAccessExpression(inner) || ts.isElementAccessExpression(inner)
  return isPart ? rootOf(inner.expression) : inner
}

/** Without what changes nothing but its type. */
function bare(expression: ts.Expression): ts.Expression {
  return ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isParenthesizedExpression(expression) ||
    ts.isNonNullExpression(expression) ||
    ts.isAwaitExpression(expression)
    ? bare(expression.expression)
    : expression
}

const isOfModule = (node: ts.Node): boolean =>
  ts.isSourceFile(ts.isVariableDeclaration(node) ? node.parent.parent.parent : node.parent)

const isStatic = (node: ts.PropertyDeclaration): boolean =>
  node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) === true

const isAssignment = (kind: ts.SyntaxKind): boolean =>
  kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment

function programOf(sources: ReadonlyMap<string, string>): ts.Program {
  const textOf = (file: string): string | undefined => sources.get(path.relative('/', file))
  const options: ts.CompilerOptions = {
    noLib: true,
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ESNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    paths: {
      latchkey: ['/src/index.ts'],
      'latchkey/*': ['/src/*.ts', '/src/*/index.ts', '/adapters/*/index.ts'],
    },
  }
  const host: ts.CompilerHost = {
    ...ts.createCompilerHost(options),
    getCurrentDirectory: () => '/',
    fileExists: (file) => textOf(file) !== undefined,
    readFile: textOf,
    directoryExists: () => true,
    getSourceFile(file, target) {
      const text = textOf(file)
      return text === undefined ? undefined : ts.createSourceFile(file, text, target, true)
    },
  }
  const files = Array.from(sources.keys(), (file) => `/${file}`)
  return ts.createProgram(files, options, host)
}
