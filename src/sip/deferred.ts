/** A promise with the function that resolves it. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
}

export function deferred<T>(): Deferred<T> {
  const slot: { resolve?: (value: T) => void } = {}
  const promise = new Promise<T>((resolve) => {
    slot.resolve = resolve
  })
  return { promise, resolve: (value) => slot.resolve?.(value) }
}
