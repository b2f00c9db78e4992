import { realWorld, type World } from '../../src/lab/world.ts'
import { inThreadMedia } from '../../src/media/in-thread.ts'
import { createNetwork } from '../../src/net/network.ts'
import { hostsResolver } from '../../src/net/resolver.ts'
import { pooledKeys } from './keys.ts'

const media: World['media'] = (folder, emit) => {
  const { clock, random } = realWorld
  const network = createNetwork({ clock, emit: () => undefined, resolver: hostsResolver({}) })
  return Promise.resolve(inThreadMedia({ network, store: realWorld.store(folder), clock, random, emit }))
}

/** The real world as it is: with media in a worker thread. */
export const wholeRealWorld: World = { ...realWorld }

/**
 * The commands take the real world by import. What they do in the process of a test costs less: keys out of a pool, and media in this
 * thread, since a worker has to compile all that it runs from source. A process of its own has neither.
 */
export function spareRealWorld(): void {
  Object.assign(realWorld, { keys: pooledKeys, media })
}
