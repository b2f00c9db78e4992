import { spawnSync } from 'node:child_process'

let built = false

/** The program as it is shipped, for tests that need a process of its own; built first where a source is newer. */
export function program(): string {
  if (!built) {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/ready.js', '--build'], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    built = true
  }
  return 'bin/postern.js'
}
