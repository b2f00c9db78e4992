import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package's own folder, from `src/cli` and from `dist/cli` alike. */
export const packageFolder = join(fileURLToPath(new URL('.', import.meta.url)), '..', '..')

export const embeddedLab = join(packageFolder, 'labs', 'embedded.yaml')
export const serveLab = join(packageFolder, 'labs', 'serve.yaml')
export const shippedScenarios = join(packageFolder, 'scenarios')

export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }
  return manifest.version
}
