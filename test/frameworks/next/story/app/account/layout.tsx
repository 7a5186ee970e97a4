import type { ReactNode } from 'react'
import { login } from '../../auth.ts'

export default async ({ children }: { children: ReactNode }) => (
  <>
    <nav>{(await login.current()).token.displayName}</nav>
    {children}
  </>
)
