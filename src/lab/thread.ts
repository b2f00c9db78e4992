import { Worker, type ResourceLimits } from 'node:worker_threads'

const sourceLoader = JSON.stringify('tsx/esm/api')

/**
 * A worker thread on a module of ours, named without its ending. Built, the entry is plain JavaScript; from source a worker of Node 20
 * cannot start on TypeScript, so a line of script loads the loader first.
 */
export function startThread(entry: URL, workerData: unknown, resourceLimits: ResourceLimits = {}): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL(`${entry.href}.js`), { workerData, resourceLimits })
  const source = JSON.stringify(`${entry.href}.ts`)
  const script = `import(${sourceLoader}).then(({ register }) => { register(); return import(${source}) })`
  return new Worker(script, { eval: true, execArgv: [], workerData, resourceLimits })
}
