/**
 * A built-in module of Node, if the runtime has it (Node, Bun, Deno, workerd with `nodejs_compat`). It is
 * loaded at run time, so that no bundler sees an import and no other runtime fails on it.
 */
export function builtin<Module>(name: string): Module | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } }
  return process?.getBuiltinModule?.(name) as Module | undefined
}
