import { PosternError } from '../kernel/errors.ts'
import type { Process } from './world.ts'

interface Closable {
  close(): Promise<void>
}

/** A role that runs in a process of its own, may be killed, and is started anew on the same addresses and disks. */
export class Running<Role extends Closable> {
  readonly #name: string
  readonly #begin: () => Process
  readonly #start: (process: Process) => Promise<Role>
  /** What to do at a kill for those who wait for an answer. */
  readonly #unanswered = new Set<() => void>()
  #process: Process | undefined
  #role: Role | undefined

  private constructor(name: string, begin: () => Process, start: (process: Process) => Promise<Role>) {
    this.#name = name
    this.#begin = begin
    this.#start = start
  }

  static async start<Role extends Closable>(
    name: string,
    begin: () => Process,
    start: (process: Process) => Promise<Role>,
  ): Promise<Running<Role>> {
    const running = new Running(name, begin, start)
    await running.restart()
    return running
  }

  /** @throws PosternError lab-broken while it is down */
  get now(): Role {
    if (this.#role !== undefined) return this.#role
    throw new PosternError('lab-broken', `the ${this.#name} role is down: it was killed and not started again`)
  }

  /** What it answers, or `otherwise` when it is down or killed meanwhile. */
  async ask<Answer>(question: (role: Role) => Promise<Answer>, otherwise: Answer): Promise<Answer> {
    if (this.#role === undefined) return otherwise
    let giveUp = (): void => undefined
    const killed = new Promise<Answer>((resolve) => {
      giveUp = () => resolve(otherwise)
    })
    this.#unanswered.add(giveUp)
    return Promise.race([question(this.#role), killed]).finally(() => this.#unanswered.delete(giveUp))
  }

  /** Nothing when it is down already. @throws PosternError lab-broken where a process cannot be killed */
  kill(power: boolean): void {
    if (this.#role === undefined) return
    if (this.#process?.kill === undefined) {
      throw new PosternError(
        'lab-broken',
        `the ${this.#name} role shares its process with the others here: it cannot be killed`,
        {
          next: 'Play the scenario with --virtual.',
        },
      )
    }
    this.#process.kill(power)
    this.#role = undefined
    for (const giveUp of this.#unanswered) giveUp()
    this.#unanswered.clear()
  }

  /** Nothing when it is up. */
  async restart(): Promise<void> {
    if (this.#role !== undefined) return
    const process = this.#begin()
    this.#process = process
    const role = await this.#start(process)
    // A process killed while it started stays dead.
    if (process.alive) this.#role = role
  }

  async close(): Promise<void> {
    await this.#role?.close()
  }
}
