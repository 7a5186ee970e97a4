import type { Mount, NodeMount, NodeUpgrades } from './mount.ts'

/** The same app through each adapter, mounted as its users would. Loaded when asked for: a framework may not be there. */
export const MOUNTS: Record<string, () => Promise<{ readonly mount: Mount }>> = {
  fetch: () => import('./fetch.ts'),
  hono: () => import('./hono.ts'),
  'react-router': () => import('./react-router.ts'),
  remix: () => import('./remix.ts'),
}

/** The adapters of frameworks that speak Node's request and response. */
export const NODE_MOUNTS: Record<
  string,
  () => Promise<{ readonly mount: NodeMount; readonly upgrades?: NodeUpgrades }>
> = {
  next: () => import('./next.ts'),
  node: () => import('./node.ts'),
}
