import type { Guard } from 'latchkey'
import { pause } from './http.ts'
import type { User } from './users.ts'
import type { World } from './world.ts'

const GUARDS: Record<string, () => unknown> = {
  deny: () => 'denied',
  'slow-deny': () => pause(300).then(() => 'slow'),
  pass: () => undefined,
  'slow-pass': () => pause(100),
  throw: () => {
    throw new TypeError('guard broke')
  },
  hang: () => new Promise(() => {}),
}

/** The guards that `?guard=a,b` names, in that order, each writing down that it was asked. */
export function guardsOf(world: World, url: URL): Guard<User>[] {
  const names = url.searchParams.get('guard')?.split(',') ?? []
  return names
    .filter((name) => Object.hasOwn(GUARDS, name))
    .map((name) => () => {
      world.counters.guards.push(name)
      return GUARDS[name]?.() as ReturnType<Guard<User>>
    })
}
