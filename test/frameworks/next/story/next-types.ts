import type { cookies, headers } from 'next/headers'
import type { NextRequest } from 'next/server'
import type { ProxyRequest } from '../../../../adapters/next/check.ts'
import type { CookieJar } from '../../../../adapters/next/cookie-jar.ts'

/** What the adapter tells the compiler of Next, held against Next: this file is built with the app, and does nothing. */
type Holds<Told, _Real extends Told> = true

export type Told = [
  Holds<CookieJar, Awaited<ReturnType<typeof cookies>>>,
  Holds<Headers, Awaited<ReturnType<typeof headers>>>,
  Holds<ProxyRequest, NextRequest>,
]
