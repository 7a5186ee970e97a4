import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { toRequest } from 'latchkey/node'
import { WebSocketServer } from 'ws'
import type { FetchServer } from './fetch-server.ts'
import type { Opened } from './socket-route.ts'

export type UpgradeListener = (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void

const SOCKETS = new WebSocketServer({ noServer: true })

export function upgradeTo(opened: Opened, ...[incoming, socket, head]: Parameters<UpgradeListener>): void {
  SOCKETS.handleUpgrade(incoming, socket, head, opened)
}

/** The upgrades of Node, for what speaks Request and Response. What denies one is answered before there is a socket. */
export function upgradeListener(serve: FetchServer): UpgradeListener {
  return async (incoming, socket, head) => {
    socket.on('error', () => socket.destroy())
    let opened: Opened | undefined
    const upgrade = (whenOpen: Opened): Response => {
      opened = whenOpen
      return new Response()
    }
    const failed = (): Response => new Response(null, { status: 500 })
    const request = toRequest(incoming)
    const response = await serve(request, incoming.socket.remoteAddress, upgrade).catch(failed)
    if (opened) upgradeTo(opened, incoming, socket, head)
    else refuseUpgrade(socket, response.status, await response.text())
  }
}

export function refuseUpgrade(socket: Duplex, status: number, body = ''): void {
  const length = Buffer.byteLength(body)
  socket.end(`HTTP/1.1 ${status} \r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${body}`)
}
