import type * as v8 from 'react-router'
import type * as v7 from 'react-router-7'

/** Types that the adapter must fit, of the two versions that have middleware. */
export type Middlewares = [v8.MiddlewareFunction<Response>, v7.MiddlewareFunction<Response>]
export type LoaderArguments = [
  v8.LoaderFunctionArgs,
  v7.LoaderFunctionArgs<Readonly<v7.RouterContextProvider>>,
]
interface Data {
  cart: number[]
}
interface FlashData {
  notice: string
}
export type Storages = [v8.SessionStorage<Data, FlashData>, v7.SessionStorage<Data, FlashData>]
