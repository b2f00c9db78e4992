import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Runs the benches named on the command line, as in `srtp`, or all of this folder: one after the other, each in a process of its own. */

const suffix = '.bench.ts'
const here = import.meta.dirname
const all = readdirSync(here).filter((file) => file.endsWith(suffix))
const named = process.argv.slice(2)
const wanted =
  named.length === 0 ? all : named.map((name) => `${name.replace(/^.*\//, '').replace(suffix, '')}${suffix}`)

const unknown = wanted.filter((file) => !all.includes(file))
if (unknown.length > 0) throw new Error(`no such bench: ${unknown.join(', ')}; there are ${all.join(', ')}`)

for (const file of wanted) {
  console.log(`\n${file}`)
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', join(here, file)], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
