import { mount as fetch } from '../mounts/fetch.ts'
import { mount as hono } from '../mounts/hono.ts'
import type { Mount } from '../mounts/mount.ts'

const MOUNTS: Record<string, Mount> = { fetch, hono }

/** The app behind `fetch@bun` and the like. */
export function mountOf(adapter: string): Mount {
  const mount = MOUNTS[adapter.split('@')[0] ?? '']
  if (!mount) throw new Error(`no adapter ${adapter}`)
  return mount
}
