import type { RequestListener } from 'node:http'
import type { Auth, DeviceList } from 'latchkey'
import type { UpgradeListener } from '../node-sockets.ts'
import type { Upgrade } from '../socket-route.ts'
import type { User } from '../users.ts'
import type { World } from '../world.ts'

export type Devices = DeviceList | undefined
export type AuthOf = () => Auth<User, Devices>

/** The app behind one adapter of a framework that speaks Request and Response, for one auth. */
export type Mounted = (
  request: Request,
  address: string | undefined,
  upgrade?: Upgrade,
) => Response | Promise<Response>
export type Mount = (world: World, authOf: AuthOf) => Mounted | Promise<Mounted>

/** The app behind one adapter of a framework that speaks Node's request and response, for one auth. */
/** And what answers its upgrades, where the adapter has something for them. */
export type NodeUpgrades = (world: World, authOf: AuthOf) => UpgradeListener
export type NodeMount = (world: World, authOf: AuthOf) => RequestListener | Promise<RequestListener>
