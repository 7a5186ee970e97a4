import type { ReactNode } from 'react'
import { auth } from '../../auth.ts'

export default async ({ children }: { children: ReactNode }) => (
  <>
    <nav>{(await auth.current()).token.displayName}</nav>
    {children}
  </>
)
